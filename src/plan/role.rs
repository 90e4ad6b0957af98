//! The role catalogue: slugs, aliases, parents, and which roles stand in for which.

use serde::{Deserialize, Serialize};

/// A role as a project's catalogue states it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleSpec {
    /// The canonical name, lower case: `devops`.
    pub slug: String,
    /// The name for people.
    pub title: String,
    /// Other words for it, compared without case, spaces, hyphens and underscores.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// The more general role; an agent of either may claim the other's tasks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// Roles whose tasks an agent of this role may claim when it stands in for them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backs_up: Vec<String>,
    /// Its tier, as workflows ask for one; none when nothing is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u32>,
}

/// The roles every project starts with.
pub fn built_in_roles() -> Vec<RoleSpec> {
    let role =
        |slug: &str, title: &str, aliases: &[&str], parent: Option<&str>, backs_up: &[&str]| {
            RoleSpec {
                slug: slug.to_owned(),
                title: title.to_owned(),
                aliases: aliases.iter().map(|&alias| alias.to_owned()).collect(),
                parent: parent.map(str::to_owned),
                backs_up: backs_up.iter().map(|&slug| slug.to_owned()).collect(),
                tier: None,
            }
        };
    vec![
        role(
            "architect",
            "Architect",
            &[
                "Arch",
                "Technical Architect",
                "Systems Architect",
                "System Architect",
                "Software Architect",
            ],
            None,
            &[],
        ),
        role(
            "developer",
            "Developer",
            &[
                "Dev",
                "Developer Lead",
                "Lead Developer",
                "Engineer",
                "Software Engineer",
                "Fullstack",
                "Full-stack Developer",
                "Builder",
            ],
            None,
            &[],
        ),
        role(
            "frontend",
            "Frontend Developer",
            &["Front-end", "Frontend Engineer", "UI Developer"],
            Some("developer"),
            &[],
        ),
        role(
            "backend",
            "Backend Developer",
            &["Back-end", "Backend Engineer", "API Developer"],
            Some("developer"),
            &[],
        ),
        role(
            "devops",
            "DevOps Engineer",
            &[
                "DevOps",
                "Ops",
                "Infrastructure",
                "Platform Engineer",
                "Infrastructure Engineer",
            ],
            None,
            &["sre"],
        ),
        role(
            "data",
            "Data Specialist",
            &[
                "Data Engineer",
                "Product Analyst",
                "Analyst",
                "Data Analyst",
                "Analytics",
            ],
            None,
            &[],
        ),
        role(
            "qa",
            "QA Engineer",
            &["Tester", "Test Engineer", "Quality Assurance", "Quality"],
            None,
            &[],
        ),
        role(
            "sre",
            "Site Reliability Engineer",
            &["Reliability", "Site Reliability"],
            None,
            &["devops"],
        ),
        role(
            "designer",
            "Designer",
            &["UI/UX Designer", "UX Designer", "UI Designer", "UX"],
            None,
            &[],
        ),
        role(
            "coordinator",
            "Coordinator",
            &["MC", "Master Coordinator", "Project Manager", "PM"],
            None,
            &[],
        ),
        role(
            "compliance",
            "Compliance Officer",
            &["Compliance", "Security Officer"],
            None,
            &[],
        ),
        role("mentor", "Mentor", &["Advisor"], None, &[]),
    ]
}

/// A role's name or alias without case, spaces, hyphens, underscores and slashes.
pub fn folded(name: &str) -> String {
    name.chars()
        .filter(|character| !matches!(character, ' ' | '-' | '_' | '/'))
        .flat_map(char::to_lowercase)
        .collect()
}

/// The catalogue's entry for a written name: a slug, a title or an alias.
pub fn find<'a>(roles: &'a [RoleSpec], name: &str) -> Option<(usize, &'a RoleSpec)> {
    let wanted = folded(name);
    if wanted.is_empty() {
        return None;
    }
    let named = |role: &RoleSpec| {
        folded(&role.slug) == wanted
            || folded(&role.title) == wanted
            || role.aliases.iter().any(|alias| folded(alias) == wanted)
    };
    roles.iter().enumerate().find(|(_, role)| named(role))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_written_name_leads_to_one_role() {
        let roles = built_in_roles();
        for (written, slug) in [
            ("Technical Architect", "architect"),
            ("Dev", "developer"),
            ("front-end", "frontend"),
            ("UI/UX Designer", "designer"),
            ("MC", "coordinator"),
            ("DEVOPS", "devops"),
        ] {
            assert_eq!(
                find(&roles, written).map(|(_, role)| role.slug.as_str()),
                Some(slug)
            );
        }
        assert_eq!(find(&roles, "astronaut"), None);
        assert_eq!(find(&roles, " - "), None);
    }

    #[test]
    fn no_name_means_two_roles() {
        let mut seen = std::collections::BTreeMap::new();
        for role in built_in_roles() {
            let names = role.aliases.iter().chain([&role.slug, &role.title]);
            for name in names {
                let before = seen.insert(folded(name), role.slug.clone());
                assert!(before.is_none_or(|slug| slug == role.slug), "{name}");
            }
        }
    }
}
