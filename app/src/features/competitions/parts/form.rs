//! The fields of a competition's form, and the preview of its rules.

use domain::competitions::Kind;
use domain::competitions::calendar::Offset;
use domain::competitions::input::RawCompetition;
use domain::judging::Metric;
use domain::money::Currency;
use leptos::prelude::*;

use super::{direction_name, kind_name, metric_name};
use crate::form::{FormState, Select, TextArea, TextInput};
use crate::i18n::{t, use_locale};

fn option(value: impl Into<String>, text: impl Into<String>) -> (String, String) {
    (value.into(), text.into())
}

/// Every field of the form.
#[component]
pub fn DesignFields(form: FormState, raw: RawCompetition) -> impl IntoView {
    view! {
        <WhatFields form raw=raw.clone()/>
        <WhenFields form raw=raw.clone()/>
        <WhoFields form raw=raw.clone()/>
        <HowFields form raw/>
    }
}

#[component]
fn WhatFields(form: FormState, raw: RawCompetition) -> impl IntoView {
    let l = use_locale();
    let kinds = Kind::ALL.iter().map(|kind| option(kind.as_str(), kind_name(*kind, l))).collect();
    view! {
        <fieldset class="group">
            <legend>{t::competitions::section_what(l)}</legend>
            <TextInput form name="title_en" maxlength=120 label=t::competitions::title_en(l) value=raw.title_en hint=t::competitions::title_hint(l)/>
            <TextInput form name="title_zh" maxlength=120 label=t::competitions::title_zh(l) value=raw.title_zh/>
            <TextInput form name="slug" maxlength=64 label=t::competitions::slug(l) value=raw.slug hint=t::competitions::slug_hint(l) required=true/>
            <Select form name="kind" label=t::competitions::kind(l) options=kinds value=raw.kind/>
            <TextInput form name="summary_en" maxlength=400 label=t::competitions::summary_en(l) value=raw.summary_en/>
            <TextInput form name="summary_zh" maxlength=400 label=t::competitions::summary_zh(l) value=raw.summary_zh/>
            <TextArea form name="rules_en" maxlength=40000 label=t::competitions::rules_en(l) value=raw.rules_en hint=t::competitions::rules_hint(l) rows=12 lang="en"/>
            <Preview name="rules_en"/>
            <TextArea form name="rules_zh" maxlength=40000 label=t::competitions::rules_zh(l) value=raw.rules_zh rows=12 lang="zh-CN"/>
            <Preview name="rules_zh"/>
        </fieldset>
    }
}

/// Shows how the Markdown in a field of the same form will look; the button appears once scripts run.
#[component]
fn Preview(name: &'static str) -> impl IntoView {
    let l = use_locale();
    let html = RwSignal::new(String::new());
    let ready = RwSignal::new(false);
    #[cfg(feature = "hydrate")]
    Effect::new(move || ready.set(true));
    let show = move |_| {
        #[cfg(feature = "hydrate")]
        leptos::task::spawn_local(async move {
            use wasm_bindgen::JsCast;
            let field = document().get_element_by_id(name);
            let typed = field
                .and_then(|field| js_sys::Reflect::get(field.unchecked_ref(), &"value".into()).ok())
                .and_then(|value| value.as_string())
                .unwrap_or_default();
            if let Ok(rendered) = crate::features::competitions::preview_rules(typed).await {
                html.set(rendered);
            }
        });
        #[cfg(not(feature = "hydrate"))]
        let _ = name;
    };
    view! {
        <div class="stack" hidden=move || !ready.get()>
            <p><button type="button" class="button small" on:click=show>{t::competitions::preview(l)}</button></p>
            <div class="prose preview" aria-live="polite" inner_html=html hidden=move || html.read().is_empty()></div>
        </div>
    }
}

#[component]
fn WhenFields(form: FormState, raw: RawCompetition) -> impl IntoView {
    let l = use_locale();
    let offsets =
        Offset::ALL.iter().map(|offset| option(offset.minutes().to_string(), offset.to_string())).collect();
    view! {
        <fieldset class="group">
            <legend>{t::competitions::section_when(l)}</legend>
            <Select form name="offset" label=t::competitions::offset(l) options=offsets value=raw.offset/>
            <TextInput form name="registration_opens" kind="datetime-local" label=t::competitions::registration_opens(l) value=raw.registration_opens required=true/>
            <TextInput form name="registration_closes" kind="datetime-local" label=t::competitions::registration_closes(l) value=raw.registration_closes hint=t::competitions::registration_closes_hint(l) required=true/>
            <TextInput form name="starts" kind="datetime-local" label=t::competitions::starts_at(l) value=raw.starts required=true/>
            <TextInput form name="freezes" kind="datetime-local" label=t::competitions::freezes_at(l) value=raw.freezes hint=t::competitions::freezes_hint(l)/>
            <TextInput form name="ends" kind="datetime-local" label=t::competitions::ends_at(l) value=raw.ends hint=t::competitions::ends_hint(l) required=true/>
        </fieldset>
    }
}

#[component]
fn WhoFields(form: FormState, raw: RawCompetition) -> impl IntoView {
    let l = use_locale();
    let currencies = Currency::ALL.iter().map(|currency| option(currency.code(), currency.code())).collect();
    view! {
        <fieldset class="group">
            <legend>{t::competitions::section_who(l)}</legend>
            <TextInput form name="fee" maxlength=20 label=t::competitions::fee_label(l) value=raw.fee hint=t::competitions::fee_hint(l) inputmode="decimal"/>
            <Select form name="currency" label=t::competitions::currency(l) options=currencies value=raw.currency/>
            <TextInput form name="capacity" label=t::competitions::capacity(l) value=raw.capacity hint=t::competitions::capacity_hint(l) inputmode="numeric"/>
        </fieldset>
    }
}

#[component]
fn HowFields(form: FormState, raw: RawCompetition) -> impl IntoView {
    let l = use_locale();
    let metrics = Metric::ALL
        .iter()
        .map(|metric| {
            option(
                metric.as_str(),
                format!("{}, {}", metric_name(*metric, l), direction_name(metric.direction(), l)),
            )
        })
        .collect();
    let counting = vec![
        option("best", t::competitions::counting_best(l)),
        option("chosen", t::competitions::counting_chosen(l)),
    ];
    let ties = vec![
        option("earlier", t::competitions::ties_earlier(l)),
        option("shared", t::competitions::ties_shared(l)),
    ];
    view! {
        <fieldset class="group">
            <legend>{t::competitions::section_how(l)}</legend>
            <Select form name="counting" label=t::competitions::counting_label(l) options=counting value=raw.counting/>
            <Select form name="ties" label=t::competitions::ties_label(l) options=ties value=raw.ties/>
            <Select form name="metric" label=t::competitions::metric(l) options=metrics value=raw.metric/>
            <TextInput form name="public_share" label=t::competitions::share_label(l) value=raw.public_share hint=t::competitions::share_hint(l) inputmode="numeric"/>
            <TextInput form name="daily_limit" label=t::competitions::limit_label(l) value=raw.daily_limit hint=t::competitions::limit_hint(l) inputmode="numeric"/>
            <TextInput form name="time_limit" label=t::competitions::time_limit_label(l) value=raw.time_limit inputmode="numeric"/>
        </fieldset>
    }
}
