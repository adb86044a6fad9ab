//! Stories of finding courses.

use app::features::courses::view::Catalogue;

use super::{publishes, reads};
use crate::both;

both! {
    async fn search_finds_the_same_in_both_languages(app: TestApp) {
        let mut ada = app.expert("ada").await;
        publishes(&mut ada, "confusion", "39").await;
        let mut reader = app.stranger();
        let mut found = async |query: &str| -> usize {
            let reply = reads(&mut reader, &format!("/api/courses/catalogue?{query}")).await.ok();
            reply.json::<Catalogue>().items.len()
        };
        for (query, count) in [
            ("q=%E6%B7%B7%E6%B7%86", 1),               // 混淆
            ("q=%E7%9F%A9%E9%98%B5", 1),               // 矩阵
            ("q=%E9%98%B5%E7%9F%A9", 0),               // 阵矩
            ("q=%E5%88%86%E7%B1%BB", 1),               // 分类, a tag
            ("q=CONFUSION", 1),
            ("q=conf", 1),
            ("q=matrix+accuracy", 1),
            ("q=matrix+nothing", 0),
            ("q=secret", 0),
            ("q=%25", 1),                               // no word at all: no condition
            ("q=%27+or+1%3D1+--", 0),
            ("category=data", 1),
            ("category=machine-learning", 1),
            ("category=design", 0),
            ("level=beginner&language=zh&price=paid", 1),
            ("level=advanced", 0),
            ("price=free", 0),
            ("language=en&sort=price", 1),
            ("sort=popular&after=nonsense", 1),
            ("q=conf&after=99999999999999999999", 1),
        ] {
            assert_eq!(found(query).await, count, "{query}");
        }
        reader.gets("/zh/courses?q=%E7%9F%A9%E9%98%B5&level=beginner").await.status(200).shows("读懂混淆矩阵");
        reader.gets("/en/courses?q=nothing").await.status(200).shows("No course found");
    }

    async fn the_catalogue_is_paged(app: TestApp) {
        let mut ada = app.expert("ada").await;
        for number in 0..13 {
            publishes(&mut ada, &format!("course-{number}"), if number % 2 == 0 { "" } else { "5" }).await;
        }
        for query in ["", "sort=price&", "sort=popular&", "q=confusion&"] {
            let mut reader = app.stranger();
            let first: Catalogue = reads(&mut reader, &format!("/api/courses/catalogue?{query}")).await.ok().json();
            assert_eq!(first.items.len(), 12);
            let next = first.next.expect("there is more");
            let second: Catalogue = reads(&mut reader, &format!("/api/courses/catalogue?{query}after={next}")).await.ok().json();
            assert_eq!((second.items.len(), second.next), (1, None), "{query}");
            assert!(!first.items.contains(&second.items[0]));
        }
        app.stranger().gets("/en/courses?sort=price").await.status(200).shows("after=");
    }
}
