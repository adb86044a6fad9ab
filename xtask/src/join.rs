//! Makes one whole module of a program with lazy routes.
//!
//! `#[lazy_route]` leaves holes where a splitting tool would cut: imports from a placeholder module, one that
//! loads a part and one for each function in it. We serve the module in one piece, so each hole is filled with
//! the function that lies in the same module.

use walrus::ir::{Call, CallIndirect, Instr, Value};
use walrus::{FunctionId, Module, ModuleConfig, ValType};

const PLACEHOLDER: &str = "__wasm_split_placeholder__";

/// The module without holes.
pub fn whole(bytes: &[u8], names: bool) -> Result<Module, String> {
    let mut module = ModuleConfig::new()
        .strict_validate(false)
        .generate_dwarf(false)
        .generate_name_section(names)
        .generate_producers_section(false)
        .parse(bytes)
        .map_err(|error| format!("{error:#}"))?;
    let holes: Vec<(String, FunctionId)> = module
        .imports
        .iter()
        .filter(|import| import.module == PLACEHOLDER)
        .filter_map(|import| match import.kind {
            walrus::ImportKind::Function(function) => Some((import.name.clone(), function)),
            _ => None,
        })
        .collect();
    for (name, hole) in holes {
        if name.starts_with("__wasm_split_load_") {
            fill_loader(&mut module, hole).map_err(|error| format!("{error:#}"))?;
        } else {
            let wanted = name.replacen("00_import_", "00_export_", 1);
            fill_function(&mut module, hole, &wanted)?;
        }
    }
    let exported: Vec<_> = module
        .exports
        .iter()
        .filter(|export| export.name.starts_with("__wasm_split_00"))
        .map(walrus::Export::id)
        .collect();
    for export in exported {
        module.exports.delete(export);
    }
    Ok(module)
}

/// Everything is there already: call back at once, with success.
fn fill_loader(module: &mut Module, hole: FunctionId) -> walrus::Result<()> {
    let ty = module.types.add(&[ValType::I32, ValType::I32], &[]);
    let Some(table) = module.tables.main_function_table()? else { return Ok(()) };
    module.replace_imported_func(hole, |(body, arguments)| {
        let [callback, data] = arguments.as_slice() else { return };
        body.local_get(*data)
            .const_(Value::I32(1))
            .local_get(*callback)
            .instr(Instr::CallIndirect(CallIndirect { ty, table }));
    })?;
    Ok(())
}

/// Calls the function of the same module.
fn fill_function(module: &mut Module, hole: FunctionId, wanted: &str) -> Result<(), String> {
    let found = module.exports.iter().find_map(|export| match export.item {
        walrus::ExportItem::Function(function) if export.name == wanted => Some(function),
        _ => None,
    });
    let func = found.ok_or_else(|| format!("the module does not export {wanted}"))?;
    let done = module.replace_imported_func(hole, |(body, arguments)| {
        for argument in arguments {
            body.local_get(*argument);
        }
        body.instr(Instr::Call(Call { func }));
    });
    done.map(|_| ()).map_err(|error| format!("{error:#}"))
}
