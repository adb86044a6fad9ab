//! Pages as links.
use leptos::prelude::*;

use crate::Icon;

/// One place in a row of page numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageLink {
    /// A page that can be opened.
    Page(u32),
    /// Pages left out.
    Gap,
}

/// The numbers to show: the first, the last, and those round the current one.
#[must_use]
pub fn page_numbers(current: u32, pages: u32) -> Vec<PageLink> {
    let mut links = Vec::new();
    let mut before = 0;
    for page in (1..=pages).filter(|page| *page == 1 || *page == pages || page.abs_diff(current) <= 1) {
        match page - before {
            2 => links.push(PageLink::Page(page - 1)),
            3.. => links.push(PageLink::Gap),
            _ => {}
        }
        links.push(PageLink::Page(page));
        before = page;
    }
    links
}

/// Links to the pages of a list; nothing when there is one page.
#[component]
pub fn Pagination<F>(
    /// The page one is on, from 1.
    current: u32,
    /// How many there are.
    pages: u32,
    /// The address of a page.
    href: F,
    /// The navigation's name for screen readers.
    #[prop(into)]
    label: String,
    /// The words of the link to the page before.
    #[prop(into)]
    previous: String,
    /// The words of the link to the page after.
    #[prop(into)]
    next: String,
) -> impl IntoView
where
    F: Fn(u32) -> String,
{
    if pages < 2 {
        return None;
    }
    let before = (current > 1).then(|| href(current - 1));
    let after = (current < pages).then(|| href(current + 1));
    let numbers: Vec<(PageLink, String)> = page_numbers(current, pages)
        .into_iter()
        .map(|link| (link, if let PageLink::Page(page) = link { href(page) } else { String::new() }))
        .collect();
    Some(view! {
        <nav class="pagination" aria-label=label>
            <ul>
                {before.map(|to| view! { <li><a href=to rel="prev"><Icon name="chevron-left" label=previous/></a></li> })}
                {numbers
                    .into_iter()
                    .map(|(link, to)| match link {
                        PageLink::Gap => view! { <li><span class="gap" aria-hidden="true">"…"</span></li> }.into_any(),
                        PageLink::Page(page) => {
                            let here = (page == current).then_some("page");
                            view! { <li><a href=to aria-current=here>{page}</a></li> }.into_any()
                        }
                    })
                    .collect_view()}
                {after.map(|to| view! { <li><a href=to rel="next"><Icon name="chevron-right" label=next/></a></li> })}
            </ul>
        </nav>
    })
}

#[cfg(test)]
mod tests {
    use super::{
        PageLink::{Gap, Page},
        page_numbers,
    };

    #[test]
    fn a_gap_never_hides_one_page_only() {
        assert_eq!(page_numbers(1, 3), [Page(1), Page(2), Page(3)]);
        assert_eq!(page_numbers(4, 9), [Page(1), Page(2), Page(3), Page(4), Page(5), Gap, Page(9)]);
        assert_eq!(page_numbers(5, 9), [Page(1), Gap, Page(4), Page(5), Page(6), Gap, Page(9)]);
        assert_eq!(page_numbers(1, 1), [Page(1)]);
    }
}
