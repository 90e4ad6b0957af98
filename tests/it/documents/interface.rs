//! The reference of the interface, written from the comments of the .proto files.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, MethodDescriptorProto,
    ServiceDescriptorProto,
};

use super::{document, hold, hold_headings};
use crate::interface::descriptor::{
    Placed, comment, enums, label, map_entry, messages, oneof, ours, place, published, type_name,
};
use crate::interface::sample;

/// What every request id says in the .proto files, and where the page says it.
const REQUEST_ID: (&str, &str) = (
    "See the head of common.proto.",
    "See [repeating a call](#repeating-a-call).",
);

type Messages<'a> = BTreeMap<String, (&'a FileDescriptorProto, Placed<'a, DescriptorProto>)>;

/// The part of docs/API.md that follows from the descriptors.
fn reference(files: &[&FileDescriptorProto]) -> String {
    let mut all: Messages<'_> = BTreeMap::new();
    for file in files {
        all.extend(
            messages(file)
                .into_iter()
                .map(|found| (found.name.clone(), (*file, found))),
        );
    }
    let mut page = String::new();
    let mut said = BTreeSet::new();
    for file in files {
        for (nth, service) in (0..).zip(&file.service) {
            write_service(&mut page, file, nth, service);
            for (nth_method, method) in (0..).zip(&service.method) {
                let path = [place::FILE_SERVICE, nth, place::SERVICE_METHOD, nth_method];
                write_call(&mut page, method, &comment(file, &path), &all);
                said.insert(full(method.input_type()));
                said.insert(full(method.output_type()));
            }
        }
    }
    line(&mut page, "## Messages\n");
    line(
        &mut page,
        "What requests and answers are made of, by name.\n",
    );
    for (name, (file, message)) in &all {
        if !said.contains(name.as_str()) {
            let words = comment(file, &message.path);
            line(&mut page, &format!("### {}\n\n{words}\n", short(name)));
            write_fields(&mut page, file, message);
        }
    }
    line(&mut page, "## Enums\n");
    let mut found: Vec<_> = files
        .iter()
        .flat_map(|file| enums(file).into_iter().map(move |item| (*file, item)))
        .collect();
    found.sort_by(|(_, left), (_, right)| left.name.cmp(&right.name));
    for (file, item) in &found {
        write_enum(&mut page, file, item);
    }
    page.truncate(page.trim_end().len());
    page.push('\n');
    page
}

fn line(page: &mut String, text: &str) {
    page.push_str(text);
    page.push('\n');
}

fn write_service(
    page: &mut String,
    file: &FileDescriptorProto,
    nth: i32,
    service: &ServiceDescriptorProto,
) {
    let words = comment(file, &[place::FILE_SERVICE, nth]);
    let name = service.name();
    line(
        page,
        &format!("## {name}\n\n{words}\n\n| call | what it does |\n|---|---|"),
    );
    for (nth_method, method) in (0..).zip(&service.method) {
        let path = [place::FILE_SERVICE, nth, place::SERVICE_METHOD, nth_method];
        let words = cell(&comment(file, &path));
        let stream = if method.server_streaming() {
            " (stream)"
        } else {
            ""
        };
        let name = method.name();
        let row = format!("| [{name}](#{}){stream} | {words} |", name.to_lowercase());
        line(page, &row);
    }
    page.push('\n');
}

fn write_call(page: &mut String, method: &MethodDescriptorProto, words: &str, all: &Messages<'_>) {
    let name = method.name();
    line(page, &format!("### {name}\n\n{words}\n"));
    let answer = if method.server_streaming() {
        "Answers, one after the other"
    } else {
        "Answer"
    };
    for (title, message) in [
        ("Request", method.input_type()),
        (answer, method.output_type()),
    ] {
        let (file, message) = &all[full(message)];
        let own = comment(file, &message.path);
        // Says no more than the heading above.
        let own = if own == format!("See {name}.") {
            ""
        } else {
            own.as_str()
        };
        let none = if message.item.field.is_empty() {
            " Empty."
        } else {
            ""
        };
        let said = format!("{title} `{}`.{none} {own}", short(&message.name));
        line(page, &format!("{}\n", said.trim_end()));
        write_fields(page, file, message);
    }
}

fn write_fields(
    page: &mut String,
    file: &FileDescriptorProto,
    message: &Placed<'_, DescriptorProto>,
) {
    if message.item.field.is_empty() {
        return;
    }
    line(page, "| field | type | meaning |\n|---|---|---|");
    let mut choices = BTreeMap::new();
    for (nth, field) in (0..).zip(&message.item.field) {
        let path = [message.path.as_slice(), &[place::MESSAGE_FIELD, nth]].concat();
        let mut words = cell(&comment(file, &path));
        if words == REQUEST_ID.0 {
            REQUEST_ID.1.clone_into(&mut words);
        }
        let linked = |name: String| match name.rsplit_once('.') {
            Some(("google.protobuf", outside)) => outside.to_owned(),
            Some((_, own)) => format!("[{own}](#{})", own.to_lowercase()),
            None => name,
        };
        let kind = match map_entry(message.item, field).map(|entry| entry.field.as_slice()) {
            Some([key, value]) => {
                format!(
                    "map of {} to {}",
                    linked(type_name(key)),
                    linked(type_name(value))
                )
            }
            _ => format!("{} {}", label(field), linked(type_name(field))),
        };
        let choice = oneof(message.item, field).map_or("", |oneof| oneof.name());
        if !choice.is_empty() {
            choices.insert(choice, field.oneof_index());
            words = format!("One of `{choice}`. {words}");
        }
        line(
            page,
            &format!("| `{}` | {} | {words} |", field.name(), kind.trim()),
        );
    }
    page.push('\n');
    for (choice, nth) in choices {
        let path = [message.path.as_slice(), &[place::MESSAGE_ONEOF, nth]].concat();
        line(page, &format!("`{choice}`: {}\n", comment(file, &path)));
    }
}

fn write_enum(
    page: &mut String,
    file: &FileDescriptorProto,
    item: &Placed<'_, EnumDescriptorProto>,
) {
    let words = comment(file, &item.path);
    let name = short(&item.name);
    line(
        page,
        &format!("### {name}\n\n{words}\n\n| value | number | meaning |\n|---|---|---|"),
    );
    for (nth, value) in (0..).zip(&item.item.value) {
        let path = [item.path.as_slice(), &[place::ENUM_VALUE, nth]].concat();
        let words = cell(&comment(file, &path));
        writeln!(
            page,
            "| `{}` | {} | {words} |",
            value.name(),
            value.number()
        )
        .expect("a string takes all");
    }
    page.push('\n');
}

/// A text within a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

/// A type's name without the dot that stands before full names.
fn full(name: &str) -> &str {
    name.trim_start_matches('.')
}

/// A type's own name.
fn short(name: &str) -> &str {
    name.rsplit('.').next().unwrap_or(name)
}

#[test]
fn the_interface_reference_is_what_the_descriptors_say() {
    let set = published();
    hold("API.md", &reference(&ours(&set)));
}

#[test]
fn every_link_of_the_interface_reference_leads_to_a_heading() {
    let set = published();
    let page = std::fs::read_to_string(document("API.md")).expect("the page is there");
    let introduction = page.split(super::MARKER).next().unwrap_or_default();
    hold_headings(&format!("{introduction}{}", reference(&ours(&set))));
}

#[test]
fn everything_with_a_name_is_in_the_interface_reference() {
    let set = published();
    let page = reference(&ours(&set));
    for file in ours(&set) {
        for service in &file.service {
            let heading = format!("## {}\n", service.name());
            assert!(page.contains(&heading), "{heading}");
            for method in &service.method {
                assert!(
                    page.contains(&format!("\n### {}\n", method.name())),
                    "{}",
                    method.name()
                );
            }
        }
        for message in messages(file) {
            let name = short(&message.name);
            let heading = format!("\n### {name}\n");
            let mention = format!(" `{name}`.");
            assert!(page.contains(&heading) || page.contains(&mention), "{name}");
            for field in &message.item.field {
                let row = format!("| `{}` | ", field.name());
                assert!(page.contains(&row), "{name}.{}", field.name());
            }
        }
        for item in enums(file) {
            for value in &item.item.value {
                assert!(
                    page.contains(&format!("| `{}` |", value.name())),
                    "{}",
                    value.name()
                );
            }
        }
    }
}

#[test]
fn a_change_of_a_comment_changes_the_reference() {
    let mut file = sample::file();
    let before = reference(&[&file]);
    let field = [place::FILE_MESSAGE, 0, place::MESSAGE_FIELD, 1];
    sample::comment_at(&mut file, &field, "The boat | ship.");
    let now = reference(&[&file]);
    assert_ne!(before, now);
    assert!(
        now.contains("| `boat` | string | The boat \\| ship. |"),
        "{now}"
    );
    insta::assert_snapshot!("interface_reference", now);
}
