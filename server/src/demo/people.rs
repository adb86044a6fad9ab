//! The people of the demonstration.

use domain::locale::Locale;

/// The password of every account of a demonstration; it opens them on loopback addresses alone.
pub const PASSWORD: &str = "open-stage-demo";

/// Somebody of the demonstration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person {
    /// The username.
    pub username: &'static str,
    /// The name that is shown.
    pub name: &'static str,
    /// Where they live, shown in their profile.
    pub city: &'static str,
    /// The language they read.
    pub locale: Locale,
}

const fn en(username: &'static str, name: &'static str, city: &'static str) -> Person {
    Person { username, name, city, locale: Locale::En }
}
const fn zh(username: &'static str, name: &'static str, city: &'static str) -> Person {
    Person { username, name, city, locale: Locale::Zh }
}

/// The administrator.
pub const STEWARD: Person = en("steward", "Ingrid Solberg", "Bergen");
/// Runs the competitions.
pub const ORGANISER: Person = zh("chenwei", "陈伟", "成都");
/// Write the courses.
pub const EXPERTS: [Person; 3] = [
    zh("linxiaoyu", "林晓雨", "杭州"),
    en("tomasherrera", "Tomás Herrera", "Valparaíso"),
    en("amaraokafor", "Amara Okafor", "Enugu"),
];
/// Half-way through a course.
pub const LEARNER: Person = en("mina", "Mina Park", "Busan");

/// Those who compete.
pub const COMPETITORS: [Person; 60] = [
    zh("wangxiuying", "王秀英", "北京"),
    zh("liuyang", "刘洋", "上海"),
    zh("zhangmin", "张敏", "广州"),
    zh("zhaolei", "赵磊", "西安"),
    zh("huangjing", "黄静", "厦门"),
    zh("zhouhao", "周浩", "武汉"),
    zh("wuting", "吴婷", "南京"),
    zh("xupeng", "徐鹏", "青岛"),
    zh("sunli", "孙丽", "大连"),
    zh("mahaoran", "马浩然", "兰州"),
    zh("guoxin", "郭欣", "郑州"),
    zh("hejiayi", "何佳怡", "长沙"),
    zh("luoyichen", "罗一辰", "重庆"),
    zh("tangshu", "唐舒", "昆明"),
    zh("ouyangqing", "欧阳清", "桂林"),
    zh("jialinlim", "林嘉琳", "新加坡"),
    en("aikotanaka", "Aiko Tanaka 田中愛子", "Kyoto"),
    en("haruto", "Haruto Mori", "Sapporo"),
    en("jiwonkim", "Kim Ji-won", "Seoul"),
    en("linhnguyen", "Nguyễn Thùy Linh", "Hanoi"),
    en("suparat", "Suparat Chaiyasit", "Chiang Mai"),
    en("putu", "Putu Wirawan", "Denpasar"),
    en("mariasantos", "Maria Santos", "Cebu"),
    en("ananya", "Ananya Iyer", "Chennai"),
    en("arjunmehta", "Arjun Mehta", "Pune"),
    en("farhan", "Farhan Rahman", "Dhaka"),
    en("zainab", "Zainab Qureshi", "Lahore"),
    en("dilnoza", "Dilnoza Yusupova", "Samarkand"),
    en("aigerim", "Aigerim Bekova", "Almaty"),
    en("batbayar", "Batbayar Ganbold", "Ulaanbaatar"),
    en("leylademir", "Leyla Demir", "İzmir"),
    en("nikahosseini", "Nika Hosseini", "Shiraz"),
    en("omarhaddad", "Omar Haddad", "Amman"),
    en("noaberg", "Noa Berg", "Haifa"),
    en("salmaidrissi", "Salma Idrissi", "Rabat"),
    en("youssef", "Youssef Mansour", "Alexandria"),
    en("chidi", "Chidi Eze", "Lagos"),
    en("wanjiru", "Wanjiru Kamau", "Nairobi"),
    en("kwame", "Kwame Boateng", "Kumasi"),
    en("thandi", "Thandi Dlamini", "Durban"),
    en("selam", "Selam Tadesse", "Addis Ababa"),
    en("aminata", "Aminata Diallo", "Dakar"),
    en("luciarossi", "Lucia Rossi", "Bologna"),
    en("mateo", "Mateo García", "Valencia"),
    en("inesalmeida", "Inês Almeida", "Porto"),
    en("camillelaurent", "Camille Laurent", "Lyon"),
    en("jonasweber", "Jonas Weber", "Leipzig"),
    en("saskia", "Saskia de Vries", "Utrecht"),
    en("magdalena", "Magdalena Nowak", "Kraków"),
    en("oksana", "Oksana Koval", "Lviv"),
    en("eerovirtanen", "Eero Virtanen", "Tampere"),
    en("siobhan", "Siobhán Byrne", "Galway"),
    en("rhysdavies", "Rhys Davies", "Cardiff"),
    en("elenapopa", "Elena Popa", "Cluj"),
    en("sofiavargas", "Sofía Vargas", "Bogotá"),
    en("thiago", "Thiago Moreira", "Recife"),
    en("ximena", "Ximena Quispe", "Cusco"),
    en("grace", "Grace Whitfield", "Halifax"),
    en("malik", "Malik Johnson", "Atlanta"),
    en("anahera", "Anahera Ngata", "Gisborne"),
];

/// Who is who, for those who have just made a demonstration.
pub fn introduction() -> String {
    let line = |role: &str, person: &Person| format!("  {role:<14} {}\n", person.username);
    let mut text = format!("Log in on this machine with the password {PASSWORD} as\n");
    text += &line("administrator", &STEWARD);
    text += &line("organiser", &ORGANISER);
    EXPERTS.iter().for_each(|expert| text += &line("author", expert));
    text += &line("learner", &LEARNER);
    COMPETITORS.iter().take(2).for_each(|person| text += &line("competitor", person));
    text + "  and 58 more competitors."
}

/// Everybody, in the order in which they register.
pub fn everybody() -> impl Iterator<Item = &'static Person> {
    [&STEWARD, &ORGANISER].into_iter().chain(&EXPERTS).chain([&LEARNER]).chain(&COMPETITORS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::accounts::username_key;

    #[test]
    fn no_two_people_are_taken_for_each_other() {
        let keys: std::collections::BTreeSet<String> =
            everybody().map(|person| username_key(person.username)).collect();
        assert_eq!(keys.len(), 66);
        for person in everybody() {
            assert!(domain::accounts::input::username(person.username).is_ok(), "{}", person.username);
            assert!(domain::accounts::input::display_name(person.name).is_ok(), "{}", person.name);
        }
        assert!(domain::accounts::input::password("password", PASSWORD).is_ok());
    }
}
