//! Stories of accounts.

use app::cx::Origin;
use app::error::Fault;
use app::features::accounts::Accounts;
use axum::body::Body;
use axum::http::{Request, header};
use domain::actor::Role;
use domain::time::Span;

use crate::both;

const PASSWORD: &str = "a long enough sentence";

both! {
    async fn somebody_registers_and_logs_in_with_either_name(app: TestApp) {
        let mut ada = app.learner("Ada").await;
        ada.gets("/en/settings").await.status(200).shows("ada@example.org".replace("ada", "Ada").as_str());
        ada.posts("/api/accounts/log_out", &[]).await.ok();
        ada.gets("/en/settings").await.status(302);
        for name in ["Ada", "ada", "ada@EXAMPLE.org"] {
            let mut browser = app.stranger();
            browser.posts("/api/accounts/log_in", &[("name", name), ("password", PASSWORD)]).await.ok();
            browser.gets("/zh/settings").await.status(200).shows("个人资料");
        }
    }

    async fn names_that_look_alike_are_one_name(app: TestApp) {
        app.learner("paypal").await;
        for (username, code) in [
            ("PayPal", "username_taken"),
            ("раураl", "username_mixed"),   // Cyrillic letters and a Latin l
            ("paypa1", "username_taken"),   // a one for an l
            ("ab", "too_short"),
            ("a\u{7}bc", "control_character"),
        ] {
            let fields = [("username", username), ("email", "x@example.org"), ("password", PASSWORD)];
            app.stranger().posts("/api/accounts/register", &fields).await.invalid("username", code);
        }
        let huge = "x".repeat(10_240);
        let fields = [("username", huge.as_str()), ("email", "x@example.org"), ("password", PASSWORD)];
        app.stranger().posts("/api/accounts/register", &fields).await.invalid("username", "too_long");
        let fields = [("username", "other"), ("email", &format!("{huge}@example.org")), ("password", &huge)];
        app.stranger().posts("/api/accounts/register", &fields).await.invalid("email", "too_long").invalid("password", "too_long");
        let fields = [("username", "other"), ("email", "x\u{1b}@example.org"), ("password", PASSWORD)];
        app.stranger().posts("/api/accounts/register", &fields).await.invalid("email", "control_character");
        let fields = [("username", "other"), ("email", "PAYPAL@example.org"), ("password", PASSWORD)];
        app.stranger().posts("/api/accounts/register", &fields).await.invalid("email", "email_taken");
    }

    async fn every_login_costs_one_verification_and_tells_nothing(app: TestApp) {
        app.learner("ada").await;
        let before = app.services.accounts.passwords.verifications();
        let tries = [("ada", "wrong"), ("nobody", "wrong"), ("nobody@example.org", "wrong"), ("", "")];
        let mut answers = Vec::new();
        for (name, password) in tries {
            let reply = app.stranger().posts("/api/accounts/log_in", &[("name", name), ("password", password)]).await;
            answers.push(reply.denied("log_in_refused").text());
        }
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(app.services.accounts.passwords.verifications() - before, 4);
        // Every single path costs one: the right password, by name and by address, and a banned account.
        let costs = async |name: &str, password: &str| {
            let before = app.services.accounts.passwords.verifications();
            let reply = app.stranger().posts("/api/accounts/log_in", &[("name", name), ("password", password)]).await;
            (reply.status.as_u16(), app.services.accounts.passwords.verifications() - before)
        };
        assert_eq!(costs("ada", PASSWORD).await, (200, 1));
        assert_eq!(costs("ada@example.org", PASSWORD).await, (200, 1));
        assert_eq!(costs("nobody", PASSWORD).await, (409, 1));
        assert_eq!(costs("ada", server::demo::PASSWORD).await, (409, 1));
        let mut grace = app.admin("grace").await;
        grace.posts("/api/accounts/set_ban", &[("username", "ada"), ("banned", "true")]).await.ok();
        assert_eq!(costs("ada", PASSWORD).await, (409, 1));
    }

    async fn guessing_is_slowed_by_network_whatever_the_name(app: TestApp) {
        app.learner("ada").await;
        let tries = async |name: &str, password: &str, address: &str| {
            let origin = Origin { address: address.to_owned(), ..Origin::default() };
            app.services.accounts.log_in(name, password, &origin).await
        };
        let network = "2001:db8:1:2::/64";
        for number in 0..25 {
            let refused = tries(&format!("nobody{number}"), "wrong", network).await;
            assert!(matches!(refused, Err(Fault::Denied(_))), "{refused:?}");
        }
        let slowed = tries("ada", PASSWORD, network).await;
        assert!(matches!(slowed, Err(Fault::TooMany { retry_after: 1..=300 })), "{slowed:?}");
        tries("ada", PASSWORD, "2001:db8:1:3::/64").await.expect("the network next door is free");
        app.wait(Span::minutes(5));
        tries("ada", PASSWORD, network).await.expect("five minutes later it is free again");
    }

    async fn guessing_is_slowed_by_account_and_by_address(app: TestApp) {
        app.learner("ada").await;
        for _ in 0..25 {
            app.stranger().posts("/api/accounts/log_in", &[("name", "ada"), ("password", "wrong")]).await.status(409);
        }
        let right = [("name", "ada"), ("password", PASSWORD)];
        let reply = app.stranger().posts("/api/accounts/log_in", &right).await.status(429);
        assert!(reply.headers.contains_key(header::RETRY_AFTER));
        app.wait(Span::minutes(6));
        app.stranger().posts("/api/accounts/log_in", &right).await.status(429);
        app.wait(Span::minutes(60));
        app.stranger().posts("/api/accounts/log_in", &right).await.ok();
    }

    async fn a_session_dies_at_logout_password_change_and_ban(app: TestApp) {
        let ada = app.learner("ada").await;
        let mut first = ada.clone();
        let mut second = app.stranger();
        second.posts("/api/accounts/log_in", &[("name", "ada"), ("password", PASSWORD)]).await.ok();
        assert_ne!(first.cookies, second.cookies, "a login makes a new session");
        let mut copy = second.clone();
        second.posts("/api/accounts/log_out", &[]).await.ok();
        copy.gets("/en/settings").await.status(302);

        let mut third = app.stranger();
        third.posts("/api/accounts/log_in", &[("name", "ada"), ("password", PASSWORD)]).await.ok();
        let change = [("current_password", PASSWORD), ("new_password", "another long sentence")];
        third.posts("/api/accounts/change_password", &change).await.ok();
        third.gets("/en/settings").await.status(200);
        first.gets("/en/settings").await.status(302);

        let mut admin = app.admin("root1").await;
        admin.posts("/api/accounts/set_ban", &[("username", "ada"), ("banned", "true")]).await.ok();
        third.gets("/en/settings").await.status(302);
        let login = [("name", "ada"), ("password", "another long sentence")];
        app.stranger().posts("/api/accounts/log_in", &login).await.denied("log_in_refused");
    }

    async fn roles_take_effect_at_the_next_request(app: TestApp) {
        let mut admin = app.admin("root1").await;
        let mut ada = app.learner("ada").await;
        ada.posts("/api/accounts/set_role", &[("username", "ada"), ("role", "admin"), ("granted", "true")]).await.status(404);
        admin.posts("/api/accounts/set_role", &[("username", "ada"), ("role", "expert"), ("granted", "true")]).await.ok();
        assert!(ada.actor().await.is(Role::Expert));
        ada.gets("/en/admin").await.status(404);
        admin.gets("/en/admin?search=ad").await.status(200).shows("@ada");
        admin.posts("/api/accounts/set_role", &[("username", "root1"), ("role", "admin"), ("granted", "false")]).await.denied("last_admin");
    }

    async fn the_first_administrator_comes_in_by_the_token_once(app: TestApp) {
        let token = app.services.accounts.open_set_up().await.unwrap().expect("no administrator yet");
        let fields = |token: &'static str, name: &'static str| [("token", token), ("username", name), ("email", "a@example.org"), ("password", PASSWORD)];
        app.stranger().gets("/en/set-up").await.status(200);
        app.stranger().posts("/api/accounts/set_up", &fields("guess", "first")).await.invalid("token", "token_wrong");
        let token: &'static str = token.leak();
        let mut first = app.stranger();
        first.posts("/api/accounts/set_up", &fields(token, "first")).await.ok();
        first.gets("/en/admin").await.status(200);
        app.stranger().posts("/api/accounts/set_up", &fields(token, "second")).await.status(404);
        app.stranger().gets("/en/set-up").await.status(404);
        assert!(app.services.accounts.open_set_up().await.unwrap().is_none());
    }

    async fn without_scripts_a_refused_form_keeps_what_was_typed(app: TestApp) {
        let mut ada = app.stranger();
        let fields = [("username", "a b"), ("email", "ada@example.org"), ("password", "a secret sentence")];
        let reply = ada.submits("/zh/register", "/api/accounts/register", &fields).await.status(303);
        assert_eq!(reply.location(), "/zh/register");
        assert!(!reply.location().contains("ada@"));
        ada.gets("/zh/register").await.status(200).shows("ada@example.org").shows("只能使用字母").hides("a secret sentence");
        ada.gets("/zh/register").await.status(200).hides("ada@example.org");
    }

    async fn forms_from_other_sites_are_refused(app: TestApp) {
        let mut ada = app.learner("ada").await;
        let foreign = |name: &'static str, value: &'static str| {
            Request::post("/api/accounts/log_out").header(name, value).body(Body::empty()).unwrap()
        };
        ada.sends(foreign("origin", "https://evil.test")).await.status(403);
        let mut request = foreign("sec-fetch-site", "cross-site");
        request.headers_mut().insert("origin", "http://127.0.0.1:3000".parse().unwrap());
        ada.sends(request).await.status(403);
        ada.gets("/en/settings").await.status(200);
        ada.gets("/api/accounts/log_out").await;
        ada.gets("/en/settings").await.status(200);
    }

    async fn pages_carry_strict_headers_and_fresh_nonces(app: TestApp) {
        let policy = |reply: &crate::support::Reply| {
            reply.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned()
        };
        let first = app.stranger().gets("/en").await.status(200);
        let second = app.stranger().gets("/en").await.status(200);
        assert!(policy(&first).contains("'strict-dynamic'") && !policy(&first).contains("unsafe-inline"));
        assert_ne!(policy(&first), policy(&second));
        let nonce = policy(&second).split("'nonce-").nth(1).unwrap().split('\'').next().unwrap().to_owned();
        assert!(second.text().contains(&format!("nonce=\"{nonce}\"")));
        for path in ["/en/nowhere", "/api/accounts/settings", "/healthz", "/en/settings"] {
            let reply = app.stranger().gets(path).await;
            assert!(reply.headers.contains_key(header::CONTENT_SECURITY_POLICY), "{path}");
            assert_eq!(reply.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{path}");
        }
        app.stranger().gets("/en/nowhere").await.status(404).shows("To the first page");
        app.stranger().gets("/").await.status(302);
        app.stranger().gets("/api/accounts/settings").await.status(401);
    }

    async fn the_theme_follows_the_account_to_another_browser(app: TestApp) {
        let mut ada = app.learner("ada").await;
        let reply = ada.submits("/zh/settings?x=1", "/api/accounts/set_theme", &[("theme", "dark")]).await.status(303);
        assert_eq!(reply.location(), "/zh/settings?x=1");
        ada.gets("/en").await.shows("data-theme=\"dark\"");
        let mut other = app.stranger();
        other.gets("/en").await.hides("data-theme=\"dark\"");
        other.posts("/api/accounts/log_in", &[("name", "ada"), ("password", PASSWORD)]).await.ok();
        other.gets("/en").await.shows("data-theme=\"dark\"");
    }

    async fn a_profile_is_checked_field_by_field(app: TestApp) {
        let mut ada = app.learner("ada").await;
        let mut fields = vec![
            ("display_name", "Ada Lovelace"), ("city", "London"), ("bio", "Numbers"), ("skills", "SQL: 3\nwriting"),
            ("interests", "chess, 围棋"), ("career_goal", "analyst"), ("locale", "zh"),
        ];
        ada.posts("/api/accounts/update_profile", &fields).await.invalid("skills", "skill_shape");
        let huge = "x".repeat(10_240);
        for (name, code) in [(huge.as_str(), "too_long"), ("A\u{202E}da", "control_character"), (" ", "required")] {
            fields[0] = ("display_name", name);
            ada.posts("/api/accounts/update_profile", &fields).await.invalid("display_name", code);
        }
        fields[0] = ("display_name", "Ada Lovelace");
        fields[3] = ("skills", "SQL: 3");
        ada.posts("/api/accounts/update_profile", &fields).await.ok();
        app.stranger().gets("/en/people/ada").await.status(200).shows("Ada Lovelace").shows("围棋").hides("analyst");
        app.stranger().gets("/en/people/nobody").await.status(404);
        ada.gets("/").await.status(302);
    }
}
