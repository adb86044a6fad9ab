//! The page of one competition: rules, timetable, data, and the way in.

use domain::competitions::input::Task;
use domain::competitions::rules::Phase;
use domain::competitions::{Counting, Kind, RegistrationState, TieRule};
use domain::orders::Thing;
use domain::payouts::rules::per_cent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Alert, AlertKind, Fact, Facts, PageHead};

use crate::context::use_viewer;
use crate::error::Answer;
use crate::features::competitions::parts::{
    TimetableLine, direction_name, fee_text, kind_name, metric_name, stated,
};
use crate::features::competitions::{
    CompetitionPage, CompetitionTabs, DataFile, PhaseChip, Place, RegisterFor, show_competition,
};
use crate::features::offers::parts::OtherWays;
use crate::features::refunds::parts::Promised;
use crate::features::subscriptions::Included;
use crate::form::{FormAlert, FormState};
use crate::i18n::{fault_text, href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{encode, page};

/// The page of one competition.
pub struct ShowPage {
    form: FormState,
    competition: Loaded<Answer<CompetitionPage>>,
}

#[lazy_route]
impl LazyRoute for ShowPage {
    fn data() -> Self {
        let params = use_params_map();
        let slug = move || params.read().get("slug").unwrap_or_default();
        Self { form: FormState::plain(RegisterFor::PATH), competition: load(slug, show_competition) }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let form = this.form;
        page(this.competition, move |found| {
            let row = found.row.clone();
            let measure = match &found.task {
                Task::Quiz { .. } => t::competitions::points(l),
                Task::Prediction { metric, .. } => metric_name(*metric, l),
            };
            let eyebrow = format!(
                "{}, {measure}, {}",
                kind_name(row.kind, l),
                t::competitions::entrants(l, row.entrants)
            );
            view! {
                <Title text=row.title.get(l).to_owned()/>
                <div class="wrap">
                    <PageHead title=row.title.get(l).to_owned() eyebrow lead=row.summary.get(l).to_owned()>
                        <PhaseChip phase=row.phase/>
                    </PageHead>
                    <TimetableLine timetable=row.timetable phase=row.phase offset=row.offset/>
                    <CompetitionTabs slug=row.slug.clone() kind=row.kind place=Place::Overview/>
                    <div class="columns section">
                        <div class="stack loose">
                            <section aria-labelledby="rules-title">
                                <h2 id="rules-title">{t::competitions::rules(l)}</h2>
                                <div class="prose" inner_html=found.rules_html.clone()></div>
                            </section>
                            <Data found=found.clone()/>
                        </div>
                        <aside class="stack competition-aside">
                            <Entry form found=found.clone()/>
                            <Figures found/>
                        </aside>
                    </div>
                </div>
            }
            .into_any()
        })
    }
}

/// What the viewer can do next.
#[component]
fn Entry(form: FormState, found: CompetitionPage) -> impl IntoView {
    let l = use_locale();
    let slug = found.row.slug.clone();
    let work = match found.row.kind {
        Kind::Quiz => (format!("/competitions/{slug}/quiz"), t::competitions::take_quiz(l)),
        Kind::Prediction => (format!("/competitions/{slug}/submissions"), t::competitions::submit(l)),
    };
    let open = found.row.phase.takes_submissions();
    let state = match found.registration {
        Some(RegistrationState::Approved) => view! {
            <p class="gained">{t::competitions::approved(l)}</p>
            {open.then(|| view! { <a class="button primary" href=href(l, &work.0)>{work.1}</a> })}
        }
        .into_any(),
        Some(RegistrationState::AwaitingPayment) => {
            let order = found.order.map(|order| href(l, &format!("/orders/{order}")));
            view! {
                <p>{t::competitions::awaiting_payment(l)}</p>
                {order.map(|order| view! { <a class="button primary" href=order>{t::competitions::pay(l)}</a> })}
            }
            .into_any()
        }
        Some(RegistrationState::UnderReview) => {
            view! { <p>{t::competitions::under_review(l)}</p> }.into_any()
        }
        Some(RegistrationState::Rejected) => view! { <p>{t::competitions::rejected(l)}</p> }.into_any(),
        Some(RegistrationState::Waitlisted) => view! { <p>{t::competitions::waitlisted(l)}</p> }.into_any(),
        Some(RegistrationState::Draft | RegistrationState::Withdrawn) | None => {
            view! { <Enter found=found.clone()/> }.into_any()
        }
    };
    let results = match found.row.phase {
        Phase::Finalised => Some(t::competitions::results(l)),
        Phase::Ended => Some(t::competitions::results_pending(l)),
        _ => None,
    };
    view! {
        <div class="panel stack">
            <FormAlert form/>
            {results.map(|text| view! { <p>{text}</p> })}
            {found.cancelled.clone().map(|reason| view! {
                <Alert kind=AlertKind::Note title=t::competitions::called_off(l)>
                    <p>{reason}</p>
                    {(!found.row.fee.is_zero()).then(|| view! { <p>{t::competitions::called_off_fees(l)}</p> })}
                </Alert>
            })}
            {state}
            {(!found.row.fee.is_zero()).then(|| view! {
                <Promised things=Thing::Competition(found.id).to_string()/>
                <Included thing=Thing::Competition(found.id)/>
            })}
            <a class="button" href=href(l, &format!("/competitions/{slug}/board"))>{t::competitions::see_board(l)}</a>
            {found.organises.then(|| view! {
                <a class="button quiet" href=href(l, &format!("/organise/{slug}"))>{t::competitions::manage(l)}</a>
            })}
        </div>
    }
}

/// The button that takes a place, or why there is none.
#[component]
fn Enter(found: CompetitionPage) -> impl IntoView {
    let l = use_locale();
    let slug = found.row.slug.clone();
    if let Some(denied) = found.closed {
        return view! { <p class="dim">{fault_text(l, &denied.code, &denied.params)}</p> }.into_any();
    }
    if use_viewer().is_none() {
        let back = encode(&href(l, &format!("/competitions/{slug}")));
        let to = format!("{}?next={back}", href(l, "/log-in"));
        return view! { <a class="button primary" href=to>{t::competitions::log_in_to_enter(l)}</a> }
            .into_any();
    }
    let words = if found.row.fee.is_zero() {
        t::competitions::enter(l).to_owned()
    } else {
        t::competitions::enter_fee(l, found.row.fee)
    };
    // Coupons and points are used in the cart.
    let cart = (!found.row.fee.is_zero()).then(|| {
        let thing = Thing::Competition(found.id).to_string();
        view! { <OtherWays thing/> }
    });
    view! {
        <form method="post" action=RegisterFor::url()>
            <input type="hidden" name="slug" value=slug/>
            <button class="button primary">{words}</button>
        </form>
        {cart}
    }
    .into_any()
}

#[component]
fn Figures(found: CompetitionPage) -> impl IntoView {
    let l = use_locale();
    let (row, task) = (found.row, found.task);
    let entrants = match row.capacity {
        Some(capacity) => format!("{} / {capacity}", row.entrants),
        None => row.entrants.to_string(),
    };
    let counting = match found.counting {
        Counting::Best => t::competitions::counting_best(l),
        Counting::Chosen => t::competitions::counting_chosen(l),
    };
    let ties = match found.ties {
        TieRule::Earlier => t::competitions::ties_earlier(l),
        TieRule::Shared => t::competitions::ties_shared(l),
    };
    let organiser = href(l, &format!("/people/{}", found.organiser));
    let prizes: Vec<_> = (1..)
        .zip(found.prizes)
        .map(|(place, points)| {
            let term = t::payouts::place(l, place);
            view! { <Fact term>{t::payouts::of_fees(l, per_cent(points))}</Fact> }
        })
        .collect();
    let times = [
        (t::competitions::opens(l), Some(row.timetable.registration_opens)),
        (t::competitions::closes(l), Some(row.timetable.registration_closes)),
        (t::competitions::starts(l), Some(row.timetable.starts)),
        (t::competitions::freezes(l), row.timetable.freezes),
        (t::competitions::ends(l), Some(row.timetable.ends)),
    ];
    let times: Vec<_> = times
        .into_iter()
        .filter_map(|(term, at)| Some((term, at?)))
        .map(|(term, at)| view! { <Fact term>{stated(at, row.offset, l)}</Fact> })
        .collect();
    view! {
        <Facts>
            <Fact term=t::competitions::fee(l)>{fee_text(row.fee, l)}</Fact>
            <Fact term=t::competitions::entrants_term(l)>{entrants}</Fact>
            <TaskFacts task rows=found.rows questions=found.questions/>
            <Fact term=t::competitions::counting(l)>{counting}</Fact>
            <Fact term=t::competitions::ties(l)>{ties}</Fact>
            {prizes}
            {times}
            <Fact term=t::competitions::organiser(l)><a href=organiser>{found.organiser_name}</a></Fact>
        </Facts>
        <p class="dim small">{t::competitions::zone(l, row.offset)}</p>
    }
}

#[component]
fn TaskFacts(task: Task, rows: i64, questions: i64) -> impl IntoView {
    let l = use_locale();
    match task {
        Task::Quiz { time_limit } => view! {
            <Fact term=t::competitions::questions(l)>{questions}</Fact>
            <Fact term=t::competitions::time_limit(l)>
                {t::competitions::minutes(l, time_limit.whole_seconds() / 60)}
            </Fact>
        }
        .into_any(),
        Task::Prediction { metric, public_share, daily_limit } => {
            let share = match public_share {
                100 => t::competitions::all_rows(l).to_owned(),
                share => t::competitions::public_share_value(l, share),
            };
            let limit = daily_limit
                .map_or_else(|| t::competitions::no_limit(l).to_owned(), |limit| limit.to_string());
            view! {
                <Fact term=t::competitions::scoring(l)>
                    {metric_name(metric, l)}", "{direction_name(metric.direction(), l)}
                </Fact>
                <Fact term=t::competitions::rows(l)>{rows}</Fact>
                <Fact term=t::competitions::public_share(l)>{share}</Fact>
                <Fact term=t::competitions::daily_limit(l)>{limit}</Fact>
            }
            .into_any()
        }
    }
}

#[component]
fn Data(found: CompetitionPage) -> impl IntoView {
    let l = use_locale();
    let may_load = found.organises || found.registration == Some(RegistrationState::Approved);
    let slug = found.row.slug;
    (!found.files.is_empty()).then(|| {
        let items: Vec<_> = found
            .files
            .into_iter()
            .map(|file| view! { <FileRow slug=slug.clone() file may_load/> })
            .collect();
        let hint = if may_load { t::competitions::data_hint(l) } else { t::competitions::data_locked(l) };
        view! {
            <section aria-labelledby="data-title">
                <h2 id="data-title">{t::competitions::data(l)}</h2>
                <p class="dim">{hint}</p>
                <ul class="rows">{items}</ul>
            </section>
        }
    })
}

#[component]
fn FileRow(slug: String, file: DataFile, may_load: bool) -> impl IntoView {
    let l = use_locale();
    let address = format!("/api/competitions/{slug}/files/{}", file.id);
    let size = t::competitions::file_size(l, file.lines, size_text(file.size));
    view! {
        <li>
            <div><h3>{file.name.clone()}</h3><p class="dim small">{size}</p></div>
            {may_load.then(|| view! {
                <a class="button small" href=address download=file.name.clone() rel="external">{t::competitions::load(l, file.name.clone())}</a>
            })}
        </li>
    }
}

/// A size in bytes as people read it.
fn size_text(bytes: i64) -> String {
    match bytes {
        0..=9_999 => format!("{bytes} B"),
        10_000..=9_999_999 => format!("{} kB", bytes / 1_000),
        _ => format!("{} MB", bytes / 1_000_000),
    }
}
