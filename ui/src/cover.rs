//! The cover of a course: its title on one of five grounds, with a figure drawn from its name.
use leptos::prelude::*;

/// One of five grounds, always the same for the same name.
#[must_use]
pub fn tone(name: &str) -> u32 {
    hash(name) % 5 + 1
}

/// FNV-1a: the same on every machine, and enough to spread five grounds.
fn hash(name: &str) -> u32 {
    name.bytes().fold(2_166_136_261_u32, |sum, byte| (sum ^ u32::from(byte)).wrapping_mul(16_777_619))
}

/// A cover with the title on it. It repeats what the heading beside it says, so screen readers skip it.
#[component]
pub fn Cover(
    /// What stands on it.
    #[prop(into)]
    title: String,
    /// What the figure and the ground are drawn from: a slug, which does not change with the language.
    #[prop(into)]
    seed: String,
) -> impl IntoView {
    let number = hash(&seed);
    view! {
        <div class="cover" data-tone=tone(&seed).to_string() aria-hidden="true">
            <svg viewBox="0 0 320 180" preserveAspectRatio="xMidYMid slice" inner_html=figure(number)></svg>
            <span>{title}</span>
        </div>
    }
}

/// One of six figures, each a little different by its number.
fn figure(number: u32) -> String {
    let turn = number / 7 % 5;
    match number / 5 % 6 {
        0 => rings(turn),
        1 => cells(number),
        2 => bars(number),
        3 => waves(turn),
        4 => points(number),
        _ => steps(turn),
    }
}

fn rings(turn: u32) -> String {
    let x = 200 + turn * 20;
    (1..9).map(|ring| format!(r#"<circle cx="{x}" cy="30" r="{}"/>"#, ring * 22)).collect()
}

fn cells(number: u32) -> String {
    (0..8_u32)
        .flat_map(|column| (0..4_u32).map(move |row| (column, row)))
        .filter(|(column, row)| column + row > 2)
        .map(|(column, row)| {
            let filled = number.rotate_left(column * 3 + row * 5).is_multiple_of(3);
            let class = if filled { r#" class="fill""# } else { "" };
            format!(
                r#"<rect x="{}" y="{}" width="32" height="32" rx="3"{class}/>"#,
                24 + column * 38,
                12 + row * 38
            )
        })
        .collect()
}

fn bars(number: u32) -> String {
    (0..12_u32)
        .map(|bar| {
            let height = 24 + number.rotate_left(bar * 5) % 110;
            format!(
                r#"<rect class="fill" x="{}" y="{}" width="14" height="{height}" rx="2"/>"#,
                16 + bar * 25,
                180 - height
            )
        })
        .collect()
}

fn waves(turn: u32) -> String {
    (0..7_u32)
        .map(|wave| {
            let y = 14 + wave * 26;
            let rise = 18 + turn * 7;
            format!(r#"<path d="M-10 {y} q 42 -{rise} 85 0 t 85 0 t 85 0 t 85 0"/>"#)
        })
        .collect()
}

fn points(number: u32) -> String {
    (0..26_u32)
        .map(|point| {
            let x = 20 + number.rotate_left(point * 7) % 290;
            let y = 10 + number.rotate_left(point * 11 + 3) % 150;
            if point % 3 == 0 {
                format!(r#"<circle class="fill" cx="{x}" cy="{y}" r="5"/>"#)
            } else {
                format!(r#"<circle cx="{x}" cy="{y}" r="5"/>"#)
            }
        })
        .collect()
}

fn steps(turn: u32) -> String {
    (0..7_u32)
        .map(|step| {
            let from = 40 + step * 44;
            let level = 172_u32.saturating_sub(step * (14 + turn * 2));
            format!(r#"<path d="M{from} 190 V{level} h44"/>"#)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::tone;

    #[test]
    fn a_name_keeps_its_ground() {
        assert_eq!(tone("reading-a-confusion-matrix"), tone("reading-a-confusion-matrix"));
        assert!((1..=5).contains(&tone("")));
    }
}
