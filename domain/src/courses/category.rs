//! The tree of subjects that courses are filed under.

use crate::locale::Locale;

/// A subject; its address form is stable, its names may change.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    /// The address and database value.
    pub slug: &'static str,
    /// The subject above, or nothing.
    pub parent: Option<&'static str>,
    en: &'static str,
    zh: &'static str,
}

const fn top(slug: &'static str, en: &'static str, zh: &'static str) -> Category {
    Category { slug, parent: None, en, zh }
}
const fn below(parent: &'static str, slug: &'static str, en: &'static str, zh: &'static str) -> Category {
    Category { slug, parent: Some(parent), en, zh }
}

/// Every subject; those below follow the one above.
pub const CATEGORIES: &[Category] = &[
    top("data", "Data and machine learning", "数据与机器学习"),
    below("data", "statistics", "Statistics", "统计"),
    below("data", "machine-learning", "Machine learning", "机器学习"),
    below("data", "databases", "Databases", "数据库"),
    below("data", "visualisation", "Visualisation", "可视化"),
    top("programming", "Programming", "编程"),
    below("programming", "languages", "Languages", "编程语言"),
    below("programming", "algorithms", "Algorithms", "算法"),
    below("programming", "tools", "Tools and practice", "工具与实践"),
    top("work", "Working together", "协作与表达"),
    below("work", "writing", "Writing", "写作"),
    below("work", "presenting", "Presenting", "演讲与展示"),
    below("work", "management", "Leading and planning", "管理与规划"),
    top("design", "Design", "设计"),
    top("science", "Science and mathematics", "科学与数学"),
];

impl Category {
    /// Finds a subject by its address form.
    pub fn find(slug: &str) -> Option<&'static Self> {
        CATEGORIES.iter().find(|category| category.slug == slug)
    }
    /// The name in a language.
    pub const fn name(&self, locale: Locale) -> &'static str {
        match locale {
            Locale::En => self.en,
            Locale::Zh => self.zh,
        }
    }
    /// This subject and those below it: what a filter by this subject shows.
    pub fn family(&self) -> Vec<&'static str> {
        CATEGORIES
            .iter()
            .filter(|category| category.slug == self.slug || category.parent == Some(self.slug))
            .map(|category| category.slug)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        for category in CATEGORIES {
            assert_eq!(Category::find(category.slug), Some(category), "slugs are unique");
            if let Some(parent) = category.parent {
                let parent = Category::find(parent).unwrap();
                assert_eq!(parent.parent, None, "two levels");
                assert!(parent.family().contains(&category.slug));
            }
        }
    }
}
