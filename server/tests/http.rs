//! Stories of the edge: files of the site, health, and what every answer carries.

use axum::body::Body;
use axum::http::{Request, header};

use crate::both;
use crate::support::{Person, Reply};

/// Asks for a file with some headers.
async fn asks(person: &mut Person, path: &str, headers: &[(&str, &str)]) -> Reply {
    let mut request = Request::get(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    person.sends(request.body(Body::empty()).unwrap()).await
}

fn field(reply: &Reply, name: header::HeaderName) -> String {
    reply.headers.get(name).map_or(String::new(), |value| value.to_str().unwrap().to_owned())
}

both! {
    async fn files_of_the_site_are_compressed_cut_and_kept(app: TestApp) {
        let site = app.services.kit.config.site_root.clone();
        std::fs::create_dir_all(site.join("pkg/1a2b")).unwrap();
        std::fs::write(site.join("site.txt"), "1a2b").unwrap();
        std::fs::write(site.join(".hidden.txt"), "hidden").unwrap();
        std::fs::write(site.join("pkg/1a2b/leitai.js"), "0123456789").unwrap();
        std::fs::write(site.join("pkg/1a2b/leitai.js.br"), "compressed").unwrap();
        std::fs::write(site.join("robots.txt"), "User-agent: *").unwrap();
        let app = app.restarted().await;
        let mut anyone = app.stranger();
        let script = "/pkg/1a2b/leitai.js";
        anyone.gets("/en").await.status(200).shows("/pkg/1a2b/leitai");

        let plain = asks(&mut anyone, script, &[]).await.status(200).shows("0123456789");
        assert_eq!(field(&plain, header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        assert_eq!(field(&plain, header::VARY), "Accept-Encoding");
        assert!(field(&plain, header::CONTENT_TYPE).contains("javascript"));
        let small = asks(&mut anyone, script, &[("accept-encoding", "gzip, br")]).await.status(200).shows("compressed");
        assert_eq!(field(&small, header::CONTENT_ENCODING), "br");
        let part = asks(&mut anyone, script, &[("range", "bytes=2-5")]).await.status(206);
        assert_eq!((part.text().as_str(), field(&part, header::CONTENT_RANGE).as_str()), ("2345", "bytes 2-5/10"));
        asks(&mut anyone, script, &[("range", "bytes=20-")]).await.status(416);
        let since = field(&plain, header::LAST_MODIFIED);
        let known = asks(&mut anyone, script, &[("if-modified-since", &since)]).await.status(304);
        assert!(known.body.is_empty() && field(&known, header::CACHE_CONTROL).contains("immutable"));

        let other = asks(&mut anyone, "/robots.txt", &[]).await.status(200);
        assert_eq!(field(&other, header::CACHE_CONTROL), "public, max-age=3600", "it has no hash in its name");
        for path in ["/site.txt", "/.hidden.txt", "/pkg/1a2b/nothing.js", "/pkg/../../leitai.sqlite", "/pkg/%2e%2e/site.txt"] {
            asks(&mut anyone, path, &[]).await.status(404).hides("1a2b\n").hides("hidden");
        }
        app.services.kit.db.close().await;
    }

    async fn health_says_what_works_and_answers_have_a_number(app: TestApp) {
        let mut anyone = app.stranger();
        let first = anyone.gets("/healthz").await.status(200).shows("ok");
        let second = anyone.gets("/readyz").await.status(200).shows("ready");
        let number = |reply: &Reply| field(reply, header::HeaderName::from_static("x-request-id"));
        assert!(number(&first).len() >= 32 && number(&first) != number(&second));
        let given = asks(&mut anyone, "/en", &[("x-request-id", "from-the-proxy")]).await.status(200);
        assert_eq!(number(&given), "from-the-proxy");
        app.services.kit.db.close().await;
        anyone.gets("/healthz").await.status(200);
        anyone.gets("/readyz").await.status(503);
    }
}
