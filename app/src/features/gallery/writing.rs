//! Buttons, menus, dialogs, and what one types into.
use leptos::prelude::*;
use ui::{Check, Dialog, Field, Icon, Menu, MenuItem, Toast, described_by};

use super::Family;
use crate::i18n::{t, use_locale};

/// Buttons and what they open.
#[component]
pub fn Buttons() -> impl IntoView {
    let l = use_locale();
    let message = RwSignal::new(None::<String>);
    let tell = move |_| message.set(Some(t::gallery::toast_text(l).to_owned()));
    view! {
        <Family id="buttons" title=t::gallery::buttons(l)>
            <div class="button-row">
                <button class="button primary" type="button">{t::gallery::enter(l)}</button>
                <button class="button" type="button"><Icon name="pencil"/>{t::gallery::plain(l)}</button>
                <button class="button quiet" type="button">{t::gallery::quiet(l)}</button>
                <button class="button danger" type="button">{t::gallery::danger(l)}</button>
                <button class="button" type="button" disabled=true>{t::gallery::off(l)}</button>
                <button class="button" type="button" aria-busy="true">{t::gallery::busy(l)}</button>
                <button class="button small" type="button">{t::gallery::small(l)}</button>
                <button class="button square" type="button"><Icon name="refresh" label=t::gallery::loading(l)/></button>
            </div>
            <div class="button-row">
                <Menu label=t::gallery::menu(l) class="">
                    <MenuItem href="#buttons" label=t::gallery::menu_one(l) icon="list-ordered"/>
                    <MenuItem href="#buttons" label=t::gallery::menu_two(l) icon="download"/>
                </Menu>
                <button class="button" type="button" popovertarget="gallery-dialog">{t::gallery::dialog_open(l)}</button>
                <button class="button" type="button" on:click=tell>{t::gallery::toast_show(l)}</button>
            </div>
            <Dialog id="gallery-dialog" title=t::gallery::dialog(l) close=t::gallery::close(l)>
                <p>{t::gallery::dialog_text(l)}</p>
            </Dialog>
            <Toast message close=t::gallery::close(l)/>
        </Family>
    }
}

/// Fields, with a hint, with an error, off.
#[component]
pub fn Fields() -> impl IntoView {
    let l = use_locale();
    let refused = Signal::derive(move || Some(t::gallery::field_mail_error(l).to_owned()));
    view! {
        <Family id="fields" title=t::gallery::fields(l)>
            <form class="form wide" action="#fields">
                <div class="fields">
                    <Field label=t::gallery::field_name(l) name="g-name" hint=t::gallery::field_hint(l)>
                        <input id="g-name" name="g-name" value="Lin Qiaoyu" aria-describedby=described_by("g-name", true, false)/>
                    </Field>
                    <Field label=t::gallery::field_mail(l) name="g-mail" optional=t::gallery::optional(l) error=refused>
                        <input id="g-mail" name="g-mail" type="email" value="lin@" aria-invalid="true" aria-describedby=described_by("g-mail", false, true)/>
                    </Field>
                    <Field label=t::gallery::field_kind(l) name="g-kind">
                        <select id="g-kind" name="g-kind">
                            <option>{t::gallery::field_kind_one(l)}</option>
                            <option>{t::gallery::field_kind_two(l)}</option>
                        </select>
                    </Field>
                    <Field label=t::gallery::field_off(l) name="g-off">
                        <input id="g-off" name="g-off" value="wine-cup" disabled=true/>
                    </Field>
                </div>
                <Field label=t::gallery::field_rules(l) name="g-rules">
                    <textarea id="g-rules" name="g-rules" rows="4">{t::gallery::type_body(l)}</textarea>
                </Field>
                <Field label=t::gallery::field_file(l) name="g-file">
                    <input id="g-file" name="g-file" type="file"/>
                </Field>
                <Check name="g-check" checked=true>{t::gallery::field_check(l)}<small>{t::gallery::field_check_more(l)}</small></Check>
                <fieldset class="group">
                    <legend>{t::gallery::question(l)}</legend>
                    <div class="choices">
                        <label class="wrong"><input type="radio" name="g-answer"/><span>{t::gallery::answer_three(l)}</span></label>
                        <label class="right"><input type="radio" name="g-answer" checked=true/><span>{t::gallery::answer_one(l)}</span></label>
                        <label><input type="radio" name="g-answer"/><span>{t::gallery::answer_two(l)}</span></label>
                    </div>
                </fieldset>
            </form>
        </Family>
    }
}
