//! Refusals of input: which field, which rule, with which figures; the page words them.

use serde::{Deserialize, Serialize};

/// One refused field: a code that the page turns into a sentence, and what the sentence needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldFault {
    /// The name of the form field.
    pub field: String,
    /// The rule that was broken, in snake case: a key of the `[fault]` tables of `app/locales`.
    pub code: String,
    /// What the sentence needs, in the order of its `{0}`, `{1}`.
    pub params: Vec<String>,
}

/// Every refused field of one input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Invalid(pub Vec<FieldFault>);

impl Invalid {
    /// A refusal of one field without figures.
    pub fn field(field: &str, code: &str) -> Self {
        let mut invalid = Self::default();
        invalid.add(field, code, &[]);
        invalid
    }
    /// A refusal of one field with figures.
    pub fn with(field: &str, code: &str, params: &[&dyn ToString]) -> Self {
        let mut invalid = Self::default();
        invalid.add(field, code, params);
        invalid
    }
    /// Adds a refusal.
    pub fn add(&mut self, field: &str, code: &str, params: &[&dyn ToString]) {
        self.0.push(FieldFault {
            field: field.to_owned(),
            code: code.to_owned(),
            params: params.iter().map(|param| param.to_string()).collect(),
        });
    }
    /// Keeps the value, or notes its refusals and gives nothing.
    pub fn check<T>(&mut self, result: Result<T, Self>) -> Option<T> {
        result.map_err(|invalid| self.0.extend(invalid.0)).ok()
    }
    /// Nothing was refused, or everything that was.
    pub fn into_result(self) -> Result<(), Self> {
        if self.0.is_empty() { Ok(()) } else { Err(self) }
    }
}

/// A refusal by a rule: not wrong input, but not allowed now. The page words the code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Denied {
    /// The rule, in snake case: a key of the `[fault]` tables of `app/locales`.
    pub code: String,
    /// What the sentence needs, in the order of its `{0}`, `{1}`.
    pub params: Vec<String>,
}

impl Denied {
    /// A refusal without figures.
    pub fn new(code: &str) -> Self {
        Self { code: code.to_owned(), params: Vec::new() }
    }
    /// A refusal with figures.
    pub fn with(code: &str, params: &[&dyn ToString]) -> Self {
        Self { code: code.to_owned(), params: params.iter().map(|param| param.to_string()).collect() }
    }
}
