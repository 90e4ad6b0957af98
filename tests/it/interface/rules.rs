//! What every part of the interface looks like: its names, its comments, and the conventions that clients
//! rely on without looking. `buf lint` holds the first two as well, where it is installed.

use std::collections::BTreeMap;

use prost_types::field_descriptor_proto::Type;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, ServiceDescriptorProto,
};

use super::descriptor::{Placed, comment, enums, label, messages, oneof, ours, place, published};

/// Beginnings of the names of calls that change nothing, and so need no request id.
const READS: &[&str] = &[
    "Check",
    "CreateBackup",
    "Diff",
    "Explain",
    "Export",
    "Find",
    "Generate",
    "Get",
    "Heartbeat",
    "List",
    "Verify",
    "Watch",
];

/// Endings of names that say a unit, and the word that the comment says it with.
const UNITS: &[(&str, &str)] = &[
    ("_ms", "millisecond"),
    ("_bytes", "byte"),
    ("_minutes", "minute"),
    ("_percent", "percent"),
];

/// Every rule that the files break, a line each.
fn problems(files: &[&FileDescriptorProto]) -> Vec<String> {
    let mut found = Vec::new();
    let mut all = BTreeMap::new();
    for file in files {
        check_file(file, &mut found);
        for message in messages(file) {
            check_message(file, &message, &mut found);
            all.insert(message.name, message.item);
        }
        for item in enums(file) {
            check_enum(file, &item, &mut found);
        }
    }
    let mut used: BTreeMap<&str, usize> = BTreeMap::new();
    for file in files {
        for (nth, service) in (0..).zip(&file.service) {
            check_service(file, nth, service, &all, &mut found);
            for method in &service.method {
                *used.entry(method.input_type()).or_default() += 1;
                *used.entry(method.output_type()).or_default() += 1;
            }
        }
    }
    for (name, times) in used {
        if times > 1 {
            found.push(format!("{name}: {times} calls use it; each has its own"));
        }
    }
    found
}

fn check_file(file: &FileDescriptorProto, found: &mut Vec<String>) {
    let name = file.name();
    let mut say = |what: &str| found.push(format!("{name}: {what}"));
    if file.syntax() != "proto3" {
        say("is not proto3");
    }
    let (folder, base) = name.rsplit_once('/').unwrap_or(("", name));
    if folder.replace('/', ".") != file.package() {
        say("does not lie in the folder of its package");
    }
    let version = file.package().rsplit('.').next().unwrap_or_default();
    let is_version = version
        .strip_prefix('v')
        .is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 0));
    if !is_version {
        say("has a package without a version at its end");
    }
    if !is_snake(base.trim_end_matches(".proto")) {
        say("is not named in lower_snake_case");
    }
    if comment(file, &[place::FILE_SYNTAX]).is_empty() {
        say("does not open with what it is for");
    }
}

fn check_comment(file: &FileDescriptorProto, name: &str, path: &[i32], found: &mut Vec<String>) {
    let text = comment(file, path);
    if text.is_empty() {
        found.push(format!("{name}: has no comment"));
    } else if !text.ends_with('.') {
        found.push(format!("{name}: its comment is no sentence: {text:?}"));
    }
}

fn check_message(
    file: &FileDescriptorProto,
    message: &Placed<'_, DescriptorProto>,
    found: &mut Vec<String>,
) {
    let name = &message.name;
    if !is_pascal(message.item.name()) {
        found.push(format!("{name}: is not named in PascalCase"));
    }
    check_comment(file, name, &message.path, found);
    for (nth, field) in (0..).zip(&message.item.field) {
        let name = format!("{name}.{}", field.name());
        let path = [message.path.as_slice(), &[place::MESSAGE_FIELD, nth]].concat();
        if !is_snake(field.name()) {
            found.push(format!("{name}: is not named in lower_snake_case"));
        }
        if label(field) == "required" {
            found.push(format!("{name}: is required, which can never be changed"));
        }
        check_comment(file, &name, &path, found);
        let text = comment(file, &path);
        for (ending, word) in UNITS {
            if field.name().ends_with(ending) && !text.to_lowercase().contains(word) {
                found.push(format!("{name}: its comment does not say {word:?}"));
            }
        }
        let is_number = matches!(field.r#type(), Type::Uint64 | Type::Uint32 | Type::Int64);
        if is_number && text.contains("in milliseconds") && !field.name().ends_with("_ms") {
            found.push(format!(
                "{name}: is in milliseconds and does not end in _ms"
            ));
        }
    }
    let is_real = |index: i32| {
        let mut fields = message.item.field.iter();
        fields.any(|field| field.oneof_index == Some(index) && oneof(message.item, field).is_some())
    };
    for (nth, oneof) in (0..).zip(&message.item.oneof_decl) {
        if !is_real(nth) {
            continue;
        }
        let name = format!("{name}.{}", oneof.name());
        let path = [message.path.as_slice(), &[place::MESSAGE_ONEOF, nth]].concat();
        if !is_snake(oneof.name()) {
            found.push(format!("{name}: is not named in lower_snake_case"));
        }
        check_comment(file, &name, &path, found);
    }
}

fn check_enum(
    file: &FileDescriptorProto,
    item: &Placed<'_, EnumDescriptorProto>,
    found: &mut Vec<String>,
) {
    let name = &item.name;
    if !is_pascal(item.item.name()) {
        found.push(format!("{name}: is not named in PascalCase"));
    }
    if item.item.options.as_ref().is_some_and(|o| o.allow_alias()) {
        found.push(format!("{name}: gives one number two names"));
    }
    check_comment(file, name, &item.path, found);
    let prefix = upper_snake(item.item.name());
    let zero = item.item.value.first();
    let zero_name = format!("{prefix}_UNSPECIFIED");
    if !zero.is_some_and(|value| value.number() == 0 && value.name() == zero_name) {
        found.push(format!("{name}: its first value is not {zero_name} = 0"));
    }
    for (nth, value) in (0..).zip(&item.item.value) {
        let name = format!("{name}.{}", value.name());
        let rest = value.name().strip_prefix(&prefix);
        let is_upper = |rest: &str| {
            rest.starts_with('_') && is_snake(&rest.trim_start_matches('_').to_ascii_lowercase())
        };
        if value.name() != value.name().to_ascii_uppercase() || !rest.is_some_and(is_upper) {
            found.push(format!("{name}: is not named {prefix}_AND_ITS_NAME"));
        }
        let path = [item.path.as_slice(), &[place::ENUM_VALUE, nth]].concat();
        check_comment(file, &name, &path, found);
    }
}

fn check_service(
    file: &FileDescriptorProto,
    nth: i32,
    service: &ServiceDescriptorProto,
    all: &BTreeMap<String, &DescriptorProto>,
    found: &mut Vec<String>,
) {
    let name = format!("{}.{}", file.package(), service.name());
    if !is_pascal(service.name()) || !service.name().ends_with("Service") {
        found.push(format!("{name}: is not named SomethingService"));
    }
    check_comment(file, &name, &[place::FILE_SERVICE, nth], found);
    for (nth_method, method) in (0..).zip(&service.method) {
        let call = method.name();
        let name = format!("{name}.{call}");
        if !is_pascal(call) {
            found.push(format!("{name}: is not named in PascalCase"));
        }
        let path = [place::FILE_SERVICE, nth, place::SERVICE_METHOD, nth_method];
        check_comment(file, &name, &path, found);
        for (given, ending) in [
            (method.input_type(), "Request"),
            (method.output_type(), "Response"),
        ] {
            if given != format!(".{}.{call}{ending}", file.package()) {
                found.push(format!("{name}: uses {given} for its {ending}"));
            }
        }
        let has = |message: &str, field: &str| {
            let message = all.get(message.trim_start_matches('.'));
            message.is_some_and(|message| message.field.iter().any(|f| f.name() == field))
        };
        let reads = READS.iter().any(|beginning| call.starts_with(beginning));
        if !reads && !has(method.input_type(), "request_id") {
            found.push(format!("{name}: changes something and takes no request_id"));
        }
        if reads && has(method.input_type(), "request_id") {
            found.push(format!("{name}: changes nothing and takes a request_id"));
        }
        let paging = [
            has(method.input_type(), "page_size"),
            has(method.input_type(), "page_token"),
            has(method.output_type(), "next_page_token"),
        ];
        if paging.contains(&true) && paging.contains(&false) {
            found.push(format!(
                "{name}: pages need page_size, page_token and next_page_token"
            ));
        }
    }
}

fn is_snake(name: &str) -> bool {
    let is_part = |part: &str| {
        !part.is_empty()
            && part
                .chars()
                .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
    };
    name.split('_').all(is_part)
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
        && name.chars().all(|c| c.is_ascii_alphanumeric())
}

/// `TaskStatus` as the values of such an enum begin: `TASK_STATUS`.
fn upper_snake(name: &str) -> String {
    let mut said = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() && !said.is_empty() {
            said.push('_');
        }
        said.push(letter.to_ascii_uppercase());
    }
    said
}

#[test]
fn the_published_interface_keeps_every_rule() {
    let set = published();
    let files = ours(&set);
    assert!(files.len() > 5, "no file is looked at");
    let found = problems(&files);
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

mod control {
    use super::*;
    use crate::interface::sample;

    #[track_caller]
    fn check(change: impl FnOnce(&mut FileDescriptorProto), expected: &[&str]) {
        let mut file = sample::file();
        change(&mut file);
        assert_eq!(problems(&[&file]), expected);
    }

    fn rename(name: &mut Option<String>, to: &str) {
        *name = Some(to.to_owned());
    }

    #[test]
    fn the_sample_keeps_every_rule() {
        check(|_| {}, &[]);
    }

    #[test]
    fn a_name_of_another_form_is_found() {
        check(
            |file| rename(&mut file.message_type[0].field[1].name, "theBoat"),
            &["muster.v1.LaunchBoatRequest.theBoat: is not named in lower_snake_case"],
        );
        check(
            |file| rename(&mut file.message_type[3].oneof_decl[0].name, "Lamp"),
            &["muster.v1.ListBoatsResponse.Lamp: is not named in lower_snake_case"],
        );
        check(
            |file| rename(&mut file.enum_type[0].name, "boat_colour"),
            &["muster.v1.boat_colour: is not named in PascalCase"],
        );
        check(
            |file| rename(&mut file.service[0].name, "Boats"),
            &["muster.v1.Boats: is not named SomethingService"],
        );
        check(
            |file| rename(&mut file.name, "muster/v1/BoatService.proto"),
            &["muster/v1/BoatService.proto: is not named in lower_snake_case"],
        );
    }

    #[test]
    fn a_file_outside_its_package_or_without_a_version_is_found() {
        check(
            |file| rename(&mut file.name, "boats/boat_service.proto"),
            &["boats/boat_service.proto: does not lie in the folder of its package"],
        );
        check(
            |file| rename(&mut file.syntax, "proto2"),
            &["muster/v1/boat_service.proto: is not proto3"],
        );
        let mut file = sample::file();
        rename(&mut file.package, "muster");
        let found = problems(&[&file]);
        let expected =
            "muster/v1/boat_service.proto: has a package without a version at its end".to_owned();
        assert!(found.contains(&expected), "{found:?}");
    }

    #[test]
    fn an_enum_without_its_zero_or_its_prefix_is_found() {
        check(
            |file| rename(&mut file.enum_type[0].value[0].name, "BOAT_COLOUR_NONE"),
            &["muster.v1.BoatColour: its first value is not BOAT_COLOUR_UNSPECIFIED = 0"],
        );
        check(
            |file| rename(&mut file.enum_type[0].value[1].name, "RED"),
            &["muster.v1.BoatColour.RED: is not named BOAT_COLOUR_AND_ITS_NAME"],
        );
        check(
            |file| {
                let options = file.enum_type[0].options.get_or_insert_default();
                options.allow_alias = Some(true);
            },
            &["muster.v1.BoatColour: gives one number two names"],
        );
    }

    #[test]
    fn a_call_that_shares_its_messages_is_found() {
        check(
            |file| {
                file.service[0].method[0].output_type =
                    file.service[0].method[1].output_type.clone()
            },
            &[
                "muster.v1.BoatService.LaunchBoat: uses .muster.v1.ListBoatsResponse for its Response",
                "muster.v1.BoatService.LaunchBoat: pages need page_size, page_token and next_page_token",
                ".muster.v1.ListBoatsResponse: 2 calls use it; each has its own",
            ],
        );
    }

    #[test]
    fn a_missing_comment_is_found_wherever_it_is() {
        let file = sample::file();
        let info = file.source_code_info.expect("the sample has comments");
        assert_eq!(info.location.len(), 22);
        for location in &info.location {
            let mut file = sample::file();
            sample::comment_at(&mut file, &location.path, "");
            let found = problems(&[&file]);
            let is_said = |problem: &String| {
                problem.ends_with("has no comment") || problem.ends_with("what it is for")
            };
            assert!(found.iter().any(is_said), "{:?}: {found:?}", location.path);
            sample::comment_at(&mut file, &location.path, "half a line");
            let found = problems(&[&file]);
            let is_head = location.path == [place::FILE_SYNTAX];
            let is_said = |problem: &String| problem.contains("is no sentence");
            assert!(is_head || found.iter().any(is_said), "{found:?}");
        }
    }

    #[test]
    fn a_unit_that_name_and_comment_do_not_share_is_found() {
        let wait = [place::FILE_MESSAGE, 0, place::MESSAGE_FIELD, 2];
        check(
            |file| sample::comment_at(file, &wait, "How long to wait."),
            &["muster.v1.LaunchBoatRequest.wait_ms: its comment does not say \"millisecond\""],
        );
        check(
            |file| rename(&mut file.message_type[0].field[2].name, "wait"),
            &["muster.v1.LaunchBoatRequest.wait: is in milliseconds and does not end in _ms"],
        );
    }

    #[test]
    fn a_change_without_request_id_and_a_list_without_pages_are_found() {
        check(
            |file| rename(&mut file.message_type[0].field[0].name, "id"),
            &["muster.v1.BoatService.LaunchBoat: changes something and takes no request_id"],
        );
        check(
            |file| rename(&mut file.message_type[2].field[0].name, "request_id"),
            &[
                "muster.v1.BoatService.ListBoats: changes nothing and takes a request_id",
                "muster.v1.BoatService.ListBoats: pages need page_size, page_token and next_page_token",
            ],
        );
    }

    #[test]
    fn a_required_field_is_found() {
        use prost_types::field_descriptor_proto::Label;
        check(
            |file| file.message_type[0].field[1].label = Some(Label::Required.into()),
            &["muster.v1.LaunchBoatRequest.boat: is required, which can never be changed"],
        );
    }
}
