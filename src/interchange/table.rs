//! What a table is, by its header: which cells of a row are title, status, dependencies. The header's
//! aliases decide, whatever their order; the section only helps where a header alone is not clear.

use super::block::Row;
use super::heading;
use super::section::Section;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Title,
    /// An id that names the task everywhere.
    Id,
    /// A mere number of the row ("#", "Order", "Step").
    Label,
    Status,
    Priority,
    Area,
    Estimate,
    Depends,
    /// Reverse edges: what needs this task.
    Dependents,
    Role,
    Notes,
    Acceptance,
    Phase,
    Other,
}

/// What the rows of a table are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Tasks,
    Discovered,
    Blocked,
    Decisions,
    Sprints,
    Overview,
    Legend,
    Register(&'static str),
    Unknown,
}

/// A header cell in lower case, with its words separated by single spaces.
pub(super) fn name(cell: &str) -> String {
    let lower = cell.to_lowercase();
    let words = lower.split(|next: char| !(next.is_alphanumeric() || next == '#'));
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The names of a table's columns.
pub(super) fn names(header: &Row) -> Vec<String> {
    header.cells.iter().map(|cell| name(&cell.text)).collect()
}

fn column(name: &str) -> Column {
    match name {
        "task" | "tasks" | "task service" | "task name" | "task title" | "title" | "component"
        | "story" | "user story" | "feature" | "item" | "work item" | "deliverable" | "service"
        | "what" | "action" | "activity" | "todo" | "subject" | "work" | "task en"
        | "requirement" | "issue" => Column::Title,
        "id" | "task id" | "ref" | "key" | "ticket" | "story id" | "code" => Column::Id,
        "#" | "no" | "nr" | "number" | "order" | "step" | "seq" => Column::Label,
        "status" | "state" | "done" | "progress" | "complete" => Column::Status,
        "priority" | "prio" | "p" => Column::Priority,
        "area" | "category" | "layer" | "module" | "domain" | "workstream" => Column::Area,
        "estimated" | "estimate" | "effort" | "duration" | "est" | "estimated time"
        | "estimation" | "time estimate" | "size" => Column::Estimate,
        "depends on" | "dependencies" | "dependency" | "requires" | "prerequisites" | "deps"
        | "depends" | "blocked by" | "needs" => Column::Depends,
        "dependents" | "blocks" | "unblocks" | "required by" | "enables" => Column::Dependents,
        "agent" | "owner" | "assignee" | "assigned to" | "assigned" | "role" | "responsible"
        | "lead" | "who" => Column::Role,
        "notes" | "note" | "details" | "comment" | "comments" | "description" | "remarks" => {
            Column::Notes
        }
        "acceptance criteria" | "acceptance" | "definition of done" | "done when" => {
            Column::Acceptance
        }
        "phase" | "milestone" => Column::Phase,
        _ => Column::Other,
    }
}

/// The columns of a table of tasks. A "Task" column whose cells are ids takes its titles from the
/// description; of several title columns the last is the title ("Task (RU) | Task (EN)").
pub(super) fn columns(names: &[String], rows: &[Row]) -> Vec<Column> {
    let mut columns: Vec<Column> = names
        .iter()
        .map(|name| match column(name) {
            Column::Other if name.starts_with("task ") => Column::Title,
            column => column,
        })
        .collect();
    let description = names
        .iter()
        .position(|name| name == "description" || name == "details");
    let titles: Vec<usize> = (0..columns.len())
        .filter(|index| columns[*index] == Column::Title)
        .collect();
    if let ([title], Some(description)) = (titles.as_slice(), description)
        && cells_are_ids(rows, *title)
    {
        columns[*title] = Column::Id;
        columns[description] = Column::Title;
    } else if let (Some((last, others)), true) = (titles.split_last(), titles.len() > 1) {
        let bilingual = others
            .iter()
            .all(|other| names[*other].starts_with("task "));
        let kept = if bilingual { *last } else { titles[0] };
        for title in titles.into_iter().filter(|title| *title != kept) {
            columns[title] = Column::Other;
        }
    } else if let (true, Some(description)) = (titles.is_empty(), description)
        && columns.contains(&Column::Id)
    {
        columns[description] = Column::Title;
    }
    for kind in [Column::Id, Column::Label, Column::Status, Column::Depends] {
        let found = (0..columns.len())
            .filter(|index| columns[*index] == kind)
            .skip(1);
        for extra in found.collect::<Vec<_>>() {
            columns[extra] = Column::Other;
        }
    }
    columns
}

fn cells_are_ids(rows: &[Row], column: usize) -> bool {
    let mut cells = rows
        .iter()
        .filter_map(|row| row.cells.get(column))
        .map(|cell| cell.text.trim())
        .filter(|cell| !cell.is_empty())
        .take(5)
        .peekable();
    cells.peek().is_some() && cells.all(looks_like_id)
}

/// One word with a digit, or a prefixed id: what is looked up exactly and never by its words.
pub(super) fn looks_like_id(text: &str) -> bool {
    heading::is_prefixed_id(text)
        || (text.len() <= 32
            && text.contains(|next: char| next.is_ascii_digit())
            && text
                .chars()
                .all(|next| next.is_ascii_alphanumeric() || ".-_#/".contains(next)))
}

/// What the rows of a table are, in a section.
pub(super) fn kind(names: &[String], columns: &[Column], section: Section) -> Kind {
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    let first = names.first().map_or("", String::as_str);
    let titled = columns.contains(&Column::Title);
    let described = columns.iter().any(|column| {
        matches!(
            column,
            Column::Id
                | Column::Status
                | Column::Depends
                | Column::Dependents
                | Column::Estimate
                | Column::Priority
                | Column::Role
        )
    });
    if has("discovered in") || (section == Section::Discovered && titled) {
        return Kind::Discovered;
    }
    let resolution = ["since", "resolution path", "resolution", "blocker"]
        .iter()
        .any(|name| has(name));
    if (has("blocked by") && resolution) || (section == Section::Blocked && titled) {
        return Kind::Blocked;
    }
    if first == "sprint" && (has("committed") || has("completed") || has("goal")) {
        return Kind::Sprints;
    }
    if matches!(first, "icon" | "symbol" | "sign" | "emoji") || section == Section::Legend {
        return Kind::Legend;
    }
    if section == Section::Decisions {
        return Kind::Decisions;
    }
    if first == "phase" && !columns.contains(&Column::Title) {
        return Kind::Overview;
    }
    if section == Section::Overview && first == "phase" {
        return Kind::Overview;
    }
    if let Section::Register(register) = section {
        return Kind::Register(register);
    }
    let register = match first {
        "risk" => Some("risk"),
        "milestone" => Some("milestone"),
        "date" => Some("log"),
        "developer" => Some("assignment"),
        "point" | "system" => Some("integration point"),
        "blocker" => Some("log"),
        _ => None,
    };
    match register {
        Some(register) => Kind::Register(register),
        None if titled && (described || first == "task") => Kind::Tasks,
        None => Kind::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::block::Text;
    use super::*;

    fn check(header: &str, section: Section, expected: Kind) {
        let names: Vec<String> = header.split('|').map(name).collect();
        let columns = columns(&names, &[]);
        assert_eq!(kind(&names, &columns, section), expected, "{header}");
    }

    #[test]
    fn a_header_says_what_its_rows_are() {
        let plain = Section::Plain;
        check(
            "Task | Area | Estimated | Depends On | Status | Notes",
            plain,
            Kind::Tasks,
        );
        check(
            "Status | ID | Task / Service | Priority | Dependents",
            plain,
            Kind::Tasks,
        );
        check(
            "Order | Component | Dependencies | Duration | Status",
            plain,
            Kind::Tasks,
        );
        check("ID | Description | Status", plain, Kind::Tasks);
        check(
            "Task | ID | Priority | Blocked By | Description",
            plain,
            Kind::Tasks,
        );
        check(
            "Task | Discovered In | Priority | Added to Sprint?",
            plain,
            Kind::Discovered,
        );
        check(
            "Task | Blocked By | Since | Resolution Path",
            plain,
            Kind::Blocked,
        );
        check("Phase | Name | Status | Goal", plain, Kind::Overview);
        check(
            "Phase | Plans Complete | Status | Completed",
            plain,
            Kind::Overview,
        );
        check("Icon | Status | Description", plain, Kind::Legend);
        check(
            "Sprint | Dates | Goal | Committed | Completed",
            plain,
            Kind::Sprints,
        );
        check(
            "Risk | Impact | Mitigation | Status",
            plain,
            Kind::Register("risk"),
        );
        check(
            "Date | Task ID | Status | Notes",
            plain,
            Kind::Register("log"),
        );
        check("Metric | Value", plain, Kind::Unknown);
        check(
            "Component | Required Skills | Assigned To",
            Section::Register("x"),
            Kind::Register("x"),
        );
    }

    #[test]
    fn a_task_column_of_ids_takes_its_titles_from_the_description() {
        let row = |cells: [&str; 2]| Row {
            cells: cells
                .iter()
                .map(|cell| Text {
                    text: (*cell).to_owned(),
                    ..Text::default()
                })
                .collect(),
            ..Row::default()
        };
        let names = ["task".to_owned(), "description".to_owned()];
        let ids = columns(&names, &[row(["1.1", "Set up"]), row(["T001", "Go on"])]);
        assert_eq!(ids, [Column::Id, Column::Title]);
        let titles = columns(&names, &[row(["Set up", "with tools"])]);
        assert_eq!(titles, [Column::Title, Column::Notes]);
    }

    #[test]
    fn of_two_languages_the_last_is_the_title() {
        let names = ["id", "task ru", "task en", "status"].map(str::to_owned);
        let expected = [Column::Id, Column::Other, Column::Title, Column::Status];
        assert_eq!(columns(&names, &[]), expected);
    }
}
