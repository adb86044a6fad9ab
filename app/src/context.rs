//! What every page knows from the start: who is looking, and what a refused form had in it.
//!
//! The server puts it into the document as a block of data, so that the first render in the browser
//! knows exactly what the render on the server knew, without a request.

use domain::accounts::AccountId;
use domain::actor::{Actor, Role};
use domain::locale::Locale;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::Fault;

/// The id of the element that carries the context.
pub const ELEMENT: &str = "page-context";

/// What every page knows from the start.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PageContext {
    /// Who is logged in.
    pub viewer: Option<Viewer>,
    /// A form that was refused when scripts were off.
    pub draft: Option<Draft>,
    /// Whether this installation is a demonstration.
    pub demonstration: bool,
    /// `system`, `light` or `dark`.
    pub theme: String,
    /// The folder of this build's scripts and styles: `/pkg/<hash>`.
    pub package: String,
    /// How people reach this installation, without a slash at the end.
    pub public_url: String,
    /// How much money and how many notices wait for a person, for administrators.
    #[serde(default)]
    pub waiting: i64,
    /// The id of the process that rendered the page, where the page is to load again after a start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start_id: Option<String>,
}

/// Who is logged in, as pages need it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Viewer {
    /// The account.
    pub account: AccountId,
    /// The name in addresses.
    pub username: String,
    /// The name that others read.
    pub display_name: String,
    /// Platform-wide roles.
    pub roles: Vec<Role>,
}

impl Viewer {
    /// Whether the account has a role; an administrator has every role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role) || self.roles.contains(&Role::Admin)
    }
}

impl From<&Actor> for Viewer {
    fn from(actor: &Actor) -> Self {
        Self {
            account: actor.account,
            username: actor.username.clone(),
            display_name: actor.display_name.clone(),
            roles: actor.roles.clone(),
        }
    }
}

/// A refused form: where it was sent, what was in it, what was wrong.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Draft {
    /// The address that the form was sent to.
    pub endpoint: String,
    /// What was typed; never passwords.
    pub fields: Vec<(String, String)>,
    /// What was wrong.
    pub fault: Fault,
}

/// The context of the page that is being shown.
pub fn use_page() -> PageContext {
    use_context::<PageContext>().unwrap_or_default()
}

/// Who is logged in.
pub fn use_viewer() -> Option<Viewer> {
    use_page().viewer
}

/// Reads the context where the application starts: from the request, or from the document.
pub(crate) fn initial() -> PageContext {
    #[cfg(feature = "ssr")]
    {
        use_context::<http::request::Parts>()
            .and_then(|parts| parts.extensions.get::<PageContext>().cloned())
            .unwrap_or_default()
    }
    #[cfg(not(feature = "ssr"))]
    {
        document()
            .get_element_by_id(ELEMENT)
            .and_then(|element| element.text_content())
            .and_then(|text| serde_json::from_str(&text).ok())
            .unwrap_or_default()
    }
}

/// The path and query of the address where the application starts.
pub(crate) fn initial_path() -> String {
    #[cfg(feature = "ssr")]
    {
        use_context::<http::request::Parts>().map(|parts| parts.uri.path().to_owned()).unwrap_or_default()
    }
    #[cfg(not(feature = "ssr"))]
    {
        window().location().pathname().unwrap_or_default()
    }
}

/// The language that an address begins with.
pub(crate) fn initial_locale() -> Locale {
    Locale::of_path(&initial_path()).unwrap_or_default()
}
