//! Tables that become cards on a phone.
use leptos::prelude::*;

/// A column of a [`DataTable`].
#[derive(Clone, Debug)]
pub struct Column {
    /// Its heading; empty for the column of buttons.
    pub label: String,
    /// Figures: set at the end and in equal widths.
    pub number: bool,
}

impl Column {
    /// A column of words.
    pub fn text(label: impl Into<String>) -> Self {
        Self { label: label.into(), number: false }
    }

    /// A column of figures.
    pub fn number(label: impl Into<String>) -> Self {
        Self { label: label.into(), number: true }
    }
}

/// A table from its columns and the cells of each row; on a phone every row is a card.
#[component]
pub fn DataTable(
    /// What the table holds, for screen readers.
    #[prop(into)]
    caption: String,
    /// The columns.
    columns: Vec<Column>,
    /// The rows; each has as many cells as there are columns.
    rows: Vec<Vec<AnyView>>,
) -> impl IntoView {
    let class = |column: &Column| if column.number { "number" } else { "" };
    let head = columns
        .iter()
        .map(|column| view! { <th scope="col" class=class(column)>{column.label.clone()}</th> })
        .collect_view();
    let body = rows
        .into_iter()
        .map(|cells| {
            let cells = cells
                .into_iter()
                .zip(&columns)
                .map(|(cell, column)| {
                    let label = (!column.label.is_empty()).then(|| column.label.clone());
                    view! { <td class=class(column) data-label=label>{cell}</td> }
                })
                .collect_view();
            view! { <tr>{cells}</tr> }
        })
        .collect_view();
    view! {
        <table class="table cards-on-phone">
            <caption class="visually-hidden">{caption}</caption>
            <thead>
                <tr>{head}</tr>
            </thead>
            <tbody>{body}</tbody>
        </table>
    }
}
