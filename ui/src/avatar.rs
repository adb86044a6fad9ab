//! A face for a name.
use leptos::prelude::*;

use crate::cover::tone;

/// The initials of a name on one of five grounds; the same name always gets the same ground.
#[component]
pub fn Avatar(
    /// The name it stands for; decoration, so the name must stand beside it.
    #[prop(into)]
    name: String,
    /// `small`, `large` or nothing.
    #[prop(into, optional)]
    size: Option<String>,
) -> impl IntoView {
    let class = size.map_or_else(|| "avatar".to_owned(), |size| format!("avatar {size}"));
    view! {
        <span class=class data-tone=tone(&name).to_string() aria-hidden="true">
            {initials(&name)}
        </span>
    }
}

/// At most two letters: the first of the first and last word, or the last character of a Chinese name.
fn initials(name: &str) -> String {
    let wide = |letter: &char| ('\u{2e80}'..='\u{9fff}').contains(letter);
    if let Some(last) = name.chars().rfind(wide) {
        return last.to_string();
    }
    let mut words = name.split_whitespace().filter_map(|word| word.chars().find(|c| c.is_alphanumeric()));
    let first = words.next();
    let last = words.next_back();
    first.into_iter().chain(last).flat_map(char::to_uppercase).collect()
}

#[cfg(test)]
mod tests {
    use super::initials;

    #[test]
    fn initials_of_names() {
        assert_eq!(initials("Lin Qiaoyu"), "LQ");
        assert_eq!(initials("周一鸣"), "鸣");
        assert_eq!(initials("wei"), "W");
        assert_eq!(initials("Okonkwo & Daughter"), "OD");
        assert_eq!(initials(""), "");
    }
}
