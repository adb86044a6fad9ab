use super::*;

pub(super) fn form() -> RawCompetition {
    let text = str::to_owned;
    RawCompetition {
        slug: text("wine-origins"),
        title_en: text("Wine origins"),
        title_zh: text("葡萄酒产地"),
        rules_en: text("# Rules\r\nBe honest."),
        kind: text("prediction"),
        offset: text("480"),
        registration_opens: text("2026-11-01T00:00"),
        registration_closes: text("2026-11-20T00:00"),
        starts: text("2026-11-10T00:00"),
        freezes: text("2026-11-29T18:00"),
        ends: text("2026-11-30T00:00"),
        fee: text("39.90"),
        currency: text("CNY"),
        capacity: text("60"),
        counting: text("best"),
        ties: text("earlier"),
        metric: text("f1_macro"),
        public_share: text("40"),
        daily_limit: text("5"),
        ..RawCompetition::default()
    }
}

#[test]
fn a_full_form_is_read_and_written_back() {
    let new = NewCompetition::parse(&form()).unwrap();
    assert_eq!(new.fee, Money::new(3990, Currency::Cny));
    assert_eq!(new.rules.en, "# Rules\nBe honest.");
    assert_eq!(new.timetable.ends, Offset::UTC.read("2026-11-29T16:00").unwrap());
    assert_eq!(NewCompetition::parse(&new.to_raw()), Ok(new));
}

#[test]
fn an_empty_form_names_every_needed_field() {
    let refused = NewCompetition::parse(&RawCompetition::default()).unwrap_err();
    let mut fields: Vec<&str> = refused.0.iter().map(|fault| fault.field.as_str()).collect();
    fields.dedup();
    let needed = [
        "slug",
        "title_en",
        "offset",
        "registration_opens",
        "registration_closes",
        "starts",
        "ends",
        "currency",
        "counting",
        "ties",
        "kind",
    ];
    assert_eq!(fields, needed);
}

#[test]
fn wrong_fields_are_refused_one_by_one() {
    let refused = |change: fn(&mut RawCompetition)| {
        let mut raw = form();
        change(&mut raw);
        let fault = NewCompetition::parse(&raw).unwrap_err().0.remove(0);
        (fault.field, fault.code)
    };
    let fault = |field: &str, code: &str| (field.to_owned(), code.to_owned());
    assert_eq!(refused(|raw| raw.fee = "-1".into()), fault("fee", "amount"));
    assert_eq!(refused(|raw| raw.capacity = "0".into()), fault("capacity", "number_between"));
    assert_eq!(refused(|raw| raw.public_share = "5".into()), fault("public_share", "number_between"));
    assert_eq!(refused(|raw| raw.public_share.clear()), fault("public_share", "required"));
    assert_eq!(refused(|raw| raw.metric = "magic".into()), fault("metric", "choose_one"));
    assert_eq!(refused(|raw| raw.title_en = "x".repeat(10_240)), fault("title_en", "too_long"));
    assert_eq!(refused(|raw| raw.ends = "soon".into()), fault("ends", "date_time"));
    assert_eq!(refused(|raw| raw.offset = "7".into()), fault("offset", "choose_one"));
    assert_eq!(refused(|raw| raw.ends = "2026-11-05T00:00".into()).0, "registration_closes");
    assert_eq!(refused(|raw| raw.kind = "quiz".into()), fault("time_limit", "required"));
}
