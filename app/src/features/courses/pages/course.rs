//! The page of a course.

use domain::courses::CourseState;
use domain::orders::Thing;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::{Meta, Title};
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Breadcrumbs, Crumb, Fact, Facts, Progress};

use crate::error::Answer;
use crate::features::courses::parts::{
    Outline, StateChip, category_text, language_text, level_text, price_text, time_text,
};
use crate::features::courses::view::{CourseView, ProofLink, Standing};
use crate::features::courses::{Enrol, load_course};
use crate::features::refunds::parts::Promised;
use crate::features::subscriptions::Included;
use crate::form::{FormAlert, FormState};
use crate::i18n::{href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::{When, page};

/// The page of a course.
pub struct CoursePage {
    enrol_form: FormState,
    course: Loaded<Answer<CourseView>>,
}

#[lazy_route]
impl LazyRoute for CoursePage {
    fn data() -> Self {
        let params = use_params_map();
        let course = load(move || params.read().get("slug").unwrap_or_default(), load_course);
        Self { enrol_form: FormState::plain(Enrol::PATH), course }
    }

    fn view(this: Self) -> AnyView {
        let form = this.enrol_form;
        page(this.course, move |course| view! { <Course course form/> }.into_any())
    }
}

#[component]
fn Course(course: CourseView, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let card = course.card.clone();
    let title = card.title.get(locale).to_owned();
    let summary = card.summary.get(locale).to_owned();
    let goals: Vec<_> = course
        .goals
        .get(locale)
        .lines()
        .map(|line| line.trim().trim_start_matches(['-', '*']).trim().to_owned())
        .filter(|line| !line.is_empty())
        .map(|line| view! { <li>{line}</li> })
        .collect();
    let tags: Vec<_> = course
        .tags
        .iter()
        .map(|tag| {
            let to = format!("{}?q={}", href(locale, "/courses"), crate::parts::encode(tag));
            view! { <a class="chip" href=to>{tag.clone()}</a> }
        })
        .collect();
    let hidden = course.state != CourseState::Published;
    let crumbs =
        vec![Crumb::to(t::courses::catalogue(locale), href(locale, "/courses")), Crumb::here(title.clone())];
    view! {
        <Title text=title.clone()/>
        <Meta name="description" content=summary.clone()/>
        <div class="wrap">
            <div class="page-head">
                <Breadcrumbs items=crumbs label=t::courses::catalogue(locale)/>
                {hidden.then(|| view! { <p class="cluster"><StateChip state=course.state/><span class="small dim">{t::courses::draft_note(locale)}</span></p> })}
                <h1>{title}</h1>
                <p class="lead">{summary}</p>
                <p class="chips">{tags}</p>
            </div>
            <div class="columns">
                <div class="stack loose">
                    <section aria-labelledby="goals">
                        <h2 id="goals">{t::courses::goals(locale)}</h2>
                        <ul class="goals">{goals}</ul>
                    </section>
                    <section aria-labelledby="outline">
                        <h2 id="outline">{t::courses::outline(locale)}</h2>
                        <Outline slug=card.slug.clone() chapters=course.outline.clone()/>
                    </section>
                    <Proves proves=course.proves.clone()/>
                </div>
                <aside><Side course form/></aside>
            </div>
        </div>
    }
}

#[component]
fn Proves(proves: Vec<ProofLink>) -> impl IntoView {
    let locale = use_locale();
    (!proves.is_empty()).then(|| {
        let links: Vec<_> = proves
            .into_iter()
            .map(|proof| {
                let to = href(locale, &format!("/competitions/{}", proof.slug));
                view! { <li><h3><a href=to>{proof.title.get(locale).to_owned()}</a></h3></li> }
            })
            .collect();
        view! {
            <section aria-labelledby="proves">
                <h2 id="proves">{t::courses::proves(locale)}</h2>
                <p class="dim">{t::courses::proves_text(locale)}</p>
                <ul class="rows compact">{links}</ul>
            </section>
        }
    })
}

/// What it costs and what one may do.
#[component]
fn Side(course: CourseView, form: FormState) -> impl IntoView {
    let locale = use_locale();
    let card = course.card;
    let paid = !card.price.is_zero();
    let languages: Vec<&str> =
        card.languages.iter().map(|language| language_text(locale, *language)).collect();
    let author = href(locale, &format!("/people/{}", course.author_username));
    view! {
        <div class="panel">
            <p class="figure">{price_text(locale, card.price)}</p>
            <Doing standing=course.standing course=course.id slug=card.slug.clone() price=price_text(locale, card.price) form/>
            {paid.then(|| view! { <Promised things=Thing::Course(course.id).to_string()/> <Included thing=Thing::Course(course.id)/> })}
            <Facts>
                <Fact term=t::courses::by(locale)><a href=author>{card.author}</a></Fact>
                <Fact term=t::courses::category(locale)>{category_text(locale, card.category.as_deref())}</Fact>
                <Fact term=t::courses::level(locale)>{level_text(locale, card.level)}</Fact>
                <Fact term=t::courses::languages(locale)>{languages.join(", ")}</Fact>
                <Fact term=t::courses::outline(locale)>
                    {t::courses::lessons(locale, card.lessons)}", "{time_text(locale, card.minutes)}
                </Fact>
                <Fact term=t::courses::learning(locale)>{t::courses::learners(locale, card.learners)}</Fact>
            </Facts>
        </div>
    }
}

/// The one thing to do next.
#[component]
fn Doing(
    standing: Standing,
    course: domain::courses::CourseId,
    slug: String,
    price: String,
    form: FormState,
) -> AnyView {
    let locale = use_locale();
    let enrol = |label: String| {
        view! {
            <form class="stack" method="post" action=Enrol::url()>
                <FormAlert form/>
                <input type="hidden" name="slug" value=slug.clone()/>
                <button class="button primary full">{label}</button>
            </form>
        }
        .into_any()
    };
    match standing {
        Standing::MayEnrol => enrol(t::courses::start(locale).to_owned()),
        Standing::MayBuy => {
            let thing = format!("course:{course}");
            view! {
                {enrol(t::courses::buy(locale, price))}
                <crate::features::offers::parts::OtherWays thing giftable=true/>
            }
            .into_any()
        }
        Standing::MayPay(order) => {
            let to = href(locale, &format!("/orders/{order}"));
            view! { <a class="button primary full" href=to>{t::courses::pay(locale)}</a> }.into_any()
        }
        Standing::Closed => view! { <p class="dim">{t::courses::not_open(locale)}</p> }.into_any(),
        Standing::Author(course) => {
            let to = href(locale, &format!("/teach/courses/{course}"));
            view! { <a class="button full" href=to>{t::courses::edit_course(locale)}</a> }.into_any()
        }
        Standing::Learner(progress) => {
            let to = progress.next.map(|next| href(locale, &format!("/courses/{slug}/lessons/{next}")));
            let label = if progress.done == progress.total {
                t::courses::again(locale)
            } else if progress.done == 0 {
                t::courses::start(locale)
            } else {
                t::courses::go_on(locale)
            };
            let certificate = progress.certificate.clone().map(|code| {
                let to = href(locale, &format!("/certificates/{code}"));
                view! { <a class="button full" href=to>{t::courses::certificate(locale)}</a> }
            });
            view! {
                {progress.completed_at.map(|at| view! {
                    <p class="alert success">{t::courses::completed(locale)}", "<When at date_only=true/></p>
                })}
                <Progress
                    value=progress.done max=progress.total label=t::courses::progress(locale)
                    figure=t::courses::progress_figure(locale, progress.done, progress.total)
                />
                {to.map(|to| view! { <a class="button primary full" href=to>{label}</a> })}
                {certificate}
            }
            .into_any()
        }
    }
}
