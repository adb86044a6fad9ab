//! The desk of one competition: its draft, its files, its publication, its end.

use domain::competitions::Kind;
use domain::competitions::rules::Phase;
use domain::payouts::rules::per_cent;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use leptos_router::{LazyRoute, lazy_route};
use ui::{Breadcrumbs, Crumb, PageHead};

use crate::error::Answer;
use crate::features::competitions::parts::TimetableLine;
use crate::features::competitions::parts::form::DesignFields;
use crate::features::competitions::parts::questions::{QuestionForm, Questions};
use crate::features::competitions::parts::uploads::FileField;
use crate::features::competitions::{
    AddQuestion, CancelCompetition, DataFile, Design, EndNow, Finalise, PhaseChip, Publish, RemoveFile,
    UpdateCompetition, load_design,
};
use crate::features::payouts::api::SetPrizes;
use crate::form::{FormAlert, FormState, TextInput};
use crate::i18n::{fault_text, href, t, use_locale};
use crate::load::{Loaded, load};
use crate::parts::page;

/// The desk of one competition.
pub struct ManagePage {
    design_form: FormState,
    question_form: FormState,
    publish_form: FormState,
    end_form: FormState,
    finalise_form: FormState,
    prizes_form: FormState,
    cancel_form: FormState,
    design: Loaded<Answer<Design>>,
}

#[lazy_route]
impl LazyRoute for ManagePage {
    fn data() -> Self {
        let params = use_params_map();
        Self {
            design_form: FormState::plain(UpdateCompetition::PATH),
            question_form: FormState::plain(AddQuestion::PATH),
            publish_form: FormState::plain(Publish::PATH),
            end_form: FormState::plain(EndNow::PATH),
            finalise_form: FormState::plain(Finalise::PATH),
            prizes_form: FormState::plain(SetPrizes::PATH),
            cancel_form: FormState::plain(CancelCompetition::PATH),
            design: load(move || params.read().get("slug").unwrap_or_default(), load_design),
        }
    }

    fn view(this: Self) -> AnyView {
        let l = use_locale();
        let (design_form, question_form, publish_form) =
            (this.design_form, this.question_form, this.publish_form);
        let (end_form, finalise_form, prizes_form) = (this.end_form, this.finalise_form, this.prizes_form);
        let cancel_form = this.cancel_form;
        page(this.design, move |found| {
            let row = found.row.clone();
            let draft = row.phase == Phase::Draft;
            let crumbs = vec![
                Crumb::to(t::competitions::organise(l), href(l, "/organise")),
                Crumb::here(row.title.get(l)),
            ];
            view! {
                <Title text=row.title.get(l).to_owned()/>
                <div class="wrap">
                    <Breadcrumbs items=crumbs label=t::competitions::organise(l)/>
                    <PageHead title=row.title.get(l).to_owned()>
                        <PhaseChip phase=row.phase/>
                        <a class="button quiet" href=href(l, &format!("/competitions/{}", row.slug))>{t::competitions::public_page(l)}</a>
                    </PageHead>
                    <TimetableLine timetable=row.timetable phase=row.phase offset=row.offset/>
                    <div class="stack narrow">
                        {(!draft).then(|| view! { <Course end_form finalise_form found=found.clone()/> })}
                        <Prizes form=prizes_form found=found.clone()/>
                        <Material question_form found=found.clone() draft/>
                        {draft.then(|| view! {
                            <DesignForm form=design_form found=found.clone()/>
                            <Publication form=publish_form found=found.clone()/>
                        })}
                        <CallOff form=cancel_form slug=found.row.slug phase=row.phase/>
                    </div>
                </div>
            }
            .into_any()
        })
    }
}

/// What the entry fees are given for; fixed once the competition has started.
#[component]
fn Prizes(form: FormState, found: Design) -> impl IntoView {
    let l = use_locale();
    let open =
        matches!(found.row.phase, Phase::Draft | Phase::Announced | Phase::Registration | Phase::Waiting);
    let value = found.prizes.iter().map(|points| per_cent(*points)).collect::<Vec<_>>().join(", ");
    (open && !found.row.fee.is_zero()).then(|| {
        view! {
            <section class="section stack" id="prizes" aria-labelledby="prizes-title">
                <h2 id="prizes-title">{t::payouts::prizes_title(l)}</h2>
                <form class="stack" method="post" action=SetPrizes::url()>
                    <FormAlert form/>
                    <input type="hidden" name="competition" value=found.row.slug/>
                    <TextInput form name="prizes" label=t::payouts::prizes(l) hint=t::payouts::prizes_hint(l) value/>
                    <button class="button">{t::payouts::save_prizes(l)}</button>
                </form>
            </section>
        }
    })
}

/// Calling it off: with a reason that everybody reads.
#[component]
fn CallOff(form: FormState, slug: String, phase: Phase) -> impl IntoView {
    let l = use_locale();
    let open = !matches!(phase, Phase::Draft | Phase::Finalised | Phase::Cancelled);
    open.then(|| {
        view! {
            <section class="section stack" id="call-off" aria-labelledby="call-off-title">
                <h2 id="call-off-title">{t::competitions::cancel_title(l)}</h2>
                <form class="stack" method="post" action=CancelCompetition::url()>
                    <FormAlert form/>
                    <input type="hidden" name="competition" value=slug/>
                    <p class="dim">{t::competitions::cancel_hint(l)}</p>
                    <TextInput form name="reason" label=t::competitions::cancel_reason(l)/>
                    <button class="button danger">{t::competitions::cancel(l)}</button>
                </form>
            </section>
        }
    })
}

/// Files, or questions.
#[component]
fn Material(question_form: FormState, found: Design, draft: bool) -> impl IntoView {
    let l = use_locale();
    let slug = found.row.slug.clone();
    match found.row.kind {
        Kind::Quiz => view! {
            <section class="section stack" id="questions" aria-labelledby="questions-title">
                <h2 id="questions-title">{t::competitions::question_list(l)}</h2>
                <Questions slug=slug.clone() questions=found.questions draft/>
                {draft.then(|| view! {
                    <h3>{t::competitions::question_new(l)}</h3>
                    <QuestionForm form=question_form slug/>
                })}
            </section>
        }
        .into_any(),
        Kind::Prediction => view! { <Files found draft/> }.into_any(),
    }
}

#[component]
fn Files(found: Design, draft: bool) -> impl IntoView {
    let l = use_locale();
    let slug = found.row.slug.clone();
    let truth_path = format!("/api/competitions/{slug}/truth");
    let data_path = format!("/api/competitions/{slug}/data");
    let (truth_form, data_form) = (FormState::plain(&truth_path), FormState::plain(&data_path));
    let there = found.truth.as_ref().map(|file| t::competitions::truth_there(l, file.lines));
    let send = if found.truth.is_some() {
        t::competitions::truth_replace(l)
    } else {
        t::competitions::truth_upload(l)
    };
    let files: Vec<_> =
        found.files.into_iter().map(|file| view! { <FileItem slug=slug.clone() file draft/> }).collect();
    view! {
        <section class="section stack" id="files" aria-labelledby="files-title">
            <h2 id="files-title">{t::competitions::files(l)}</h2>
            <h3>{t::competitions::truth(l)}</h3>
            {there.map(|text| view! { <p class="gained">{text}</p> })}
            {draft.then(|| view! {
                <form class="stack" method="post" enctype="multipart/form-data" action=truth_path>
                    <FileField form=truth_form name="truth" label=t::competitions::choose_file(l) hint=t::competitions::truth_hint(l)/>
                    <button class="button">{send}</button>
                </form>
            })}
            <h3>{t::competitions::data_files(l)}</h3>
            <ul class="rows">{files}</ul>
            {draft.then(|| view! {
                <form class="stack" method="post" enctype="multipart/form-data" action=data_path>
                    <FileField form=data_form name="data" label=t::competitions::choose_file(l) hint=t::competitions::data_files_hint(l)/>
                    <button class="button">{t::competitions::data_upload(l)}</button>
                </form>
            })}
        </section>
    }
}

#[component]
fn FileItem(slug: String, file: DataFile, draft: bool) -> impl IntoView {
    let l = use_locale();
    let id = file.id.to_string();
    view! {
        <li>
            <div>
                <h4>{file.name.clone()}</h4>
                <p class="dim small">{t::competitions::file_size(l, file.lines, format!("{} B", file.size))}</p>
            </div>
            {draft.then(|| view! {
                <form method="post" action=RemoveFile::url()>
                    <input type="hidden" name="competition" value=slug/>
                    <input type="hidden" name="file" value=id/>
                    <button class="button small">{t::competitions::remove(l, file.name)}</button>
                </form>
            })}
        </li>
    }
}

#[component]
fn DesignForm(form: FormState, found: Design) -> impl IntoView {
    let l = use_locale();
    view! {
        <section class="section stack" aria-labelledby="design-title">
            <h2 id="design-title">{t::competitions::edit_design(l)}</h2>
            <form class="stack" method="post" action=UpdateCompetition::url()>
                <FormAlert form/>
                <input type="hidden" name="competition" value=found.row.slug.clone()/>
                <DesignFields form raw=found.raw/>
                <button class="button">{t::competitions::save(l)}</button>
            </form>
        </section>
    }
}

#[component]
fn Publication(form: FormState, found: Design) -> impl IntoView {
    let l = use_locale();
    let missing: Vec<_> = found
        .missing
        .iter()
        .map(|fault| view! { <li>{fault_text(l, &fault.code, &fault.params)}</li> })
        .collect();
    let ready = missing.is_empty();
    view! {
        <section class="section stack" aria-labelledby="publishing-title">
            <h2 id="publishing-title">{t::competitions::publishing(l)}</h2>
            <FormAlert form/>
            {if ready {
                view! { <p class="gained">{t::competitions::ready(l)}</p> }.into_any()
            } else {
                view! { <p>{t::competitions::missing(l)}</p><ul>{missing}</ul> }.into_any()
            }}
            <form class="stack" method="post" action=Publish::url()>
                <input type="hidden" name="competition" value=found.row.slug/>
                <p class="dim">{t::competitions::publish_hint(l)}</p>
                <button class="button primary">{t::competitions::publish(l)}</button>
            </form>
        </section>
    }
}

/// What the organiser does once it is public.
#[component]
fn Course(end_form: FormState, finalise_form: FormState, found: Design) -> impl IntoView {
    let l = use_locale();
    let slug = found.row.slug.clone();
    let (all, waiting) = found.submissions;
    let final_fault = found.not_final.as_ref().map(|denied| fault_text(l, &denied.code, &denied.params));
    let may_finalise = found.row.phase == Phase::Ended;
    let runs = found.row.phase.takes_submissions();
    view! {
        <section class="section stack" aria-labelledby="course-title">
            <h2 id="course-title">{t::competitions::running_title(l)}</h2>
            <p>{t::competitions::submission_counts(l, all, waiting)}</p>
            <p><a class="button" href=href(l, &format!("/competitions/{slug}/board"))>{t::competitions::see_board(l)}</a></p>
            {runs.then(|| view! {
                <form class="stack" method="post" action=EndNow::url()>
                    <FormAlert form=end_form/>
                    <input type="hidden" name="competition" value=slug.clone()/>
                    <p class="dim">{t::competitions::end_now_hint(l)}</p>
                    <button class="button">{t::competitions::end_now(l)}</button>
                </form>
            })}
            {may_finalise.then(|| view! {
                <form class="stack" method="post" action=Finalise::url()>
                    <FormAlert form=finalise_form/>
                    {final_fault.map(|text| view! { <p>{text}</p> })}
                    <input type="hidden" name="competition" value=slug/>
                    <p class="dim">{t::competitions::finalise_hint(l)}</p>
                    <button class="button primary">{t::competitions::finalise(l)}</button>
                </form>
            })}
        </section>
    }
}
