//! Nothing published is taken back: every part of the interface kept in `tests/golden` is still there, of
//! the same shape. What is new is welcome.
//!
//! After a release the golden descriptor is moved forward with `MUSTER_UPDATE_GOLDEN=1 cargo test --test it
//! interface::compatibility`; that refuses to take something back, which only `=breaking` does.

use std::collections::BTreeMap;
use std::path::PathBuf;

use prost::Message as _;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FileDescriptorProto, FileDescriptorSet,
    MethodDescriptorProto,
};

use super::descriptor::{PACKAGE, label, oneof, ours, published, type_name};

/// Reserved ranges up to here are looked at number by number.
const RESERVED_NUMBERS_MAX: i32 = 10_000;

/// Every part of the interface by what identifies it on the wire, with what clients rely on.
type Surface = BTreeMap<String, String>;

fn surface(files: &[&FileDescriptorProto]) -> Surface {
    let mut parts = Surface::new();
    for file in files {
        let package = file.package();
        for message in &file.message_type {
            add_message(&mut parts, package, message);
        }
        for item in &file.enum_type {
            add_enum(&mut parts, package, item);
        }
        for service in &file.service {
            let name = format!("{package}.{}", service.name());
            parts.insert(format!("service {name}"), String::new());
            for method in &service.method {
                parts.insert(format!("call {name}.{}", method.name()), call(method));
            }
        }
    }
    parts
}

fn call(method: &MethodDescriptorProto) -> String {
    let stream = |is: bool| if is { "stream " } else { "" };
    let level = method.options.as_ref().map(|o| o.idempotency_level());
    format!(
        "({}{}) returns ({}{}) {}",
        stream(method.client_streaming()),
        method.input_type(),
        stream(method.server_streaming()),
        method.output_type(),
        level.unwrap_or_default().as_str_name(),
    )
}

fn add_message(parts: &mut Surface, prefix: &str, message: &DescriptorProto) {
    let name = format!("{prefix}.{}", message.name());
    parts.insert(format!("message {name}"), String::new());
    for field in &message.field {
        let within = oneof(message, field).map_or("", |oneof| oneof.name());
        let shape = format!(
            "{} {} {}, json {:?}, oneof {within:?}",
            label(field),
            type_name(field),
            field.name(),
            field.json_name(),
        );
        parts.insert(format!("field {name} {}", field.number()), shape);
    }
    for range in &message.reserved_range {
        for number in range.start()..range.end().min(RESERVED_NUMBERS_MAX) {
            parts.insert(format!("reserved {name} {number}"), String::new());
        }
    }
    for reserved in &message.reserved_name {
        parts.insert(format!("reserved {name} {reserved:?}"), String::new());
    }
    for nested in &message.nested_type {
        add_message(parts, &name, nested);
    }
    for nested in &message.enum_type {
        add_enum(parts, &name, nested);
    }
}

fn add_enum(parts: &mut Surface, prefix: &str, item: &EnumDescriptorProto) {
    let name = format!("{prefix}.{}", item.name());
    parts.insert(format!("enum {name}"), String::new());
    for value in &item.value {
        let key = format!("value {name} {}", value.number());
        parts.insert(key, value.name().to_owned());
    }
    for range in &item.reserved_range {
        // Unlike those of messages, these ranges include their end.
        for number in range.start()..=range.end().min(RESERVED_NUMBERS_MAX) {
            parts.insert(format!("reserved {name} {number}"), String::new());
        }
    }
    for reserved in &item.reserved_name {
        parts.insert(format!("reserved {name} {reserved:?}"), String::new());
    }
}

/// What clients of `before` can no longer rely on, a line each.
fn taken_back(before: &[&FileDescriptorProto], now: &[&FileDescriptorProto]) -> Vec<String> {
    let now = surface(now);
    let lost = |(part, shape): (String, String)| match now.get(&part) {
        None => Some(format!("{part}: is gone")),
        Some(other) if *other != shape => Some(format!("{part}: was {shape:?}, is {other:?}")),
        Some(_) => None,
    };
    surface(before).into_iter().filter_map(lost).collect()
}

fn golden() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/golden/muster.v1.binpb")
}

fn read_golden() -> FileDescriptorSet {
    let path = golden();
    let bytes = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    FileDescriptorSet::decode(bytes.as_slice())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Puts today's interface in place of the golden one, without its comments.
fn move_golden(today: &FileDescriptorSet) {
    let mut kept = today.clone();
    for file in &mut kept.file {
        file.source_code_info = None;
    }
    std::fs::write(golden(), kept.encode_to_vec()).expect("tests/golden can be written");
}

#[test]
fn nothing_published_is_taken_back() {
    let today = published();
    let wish = std::env::var("MUSTER_UPDATE_GOLDEN").unwrap_or_default();
    if wish == "breaking" {
        move_golden(&today);
    }
    let before = read_golden();
    let parts = surface(&ours(&before));
    assert!(
        parts.len() > 500 && parts.contains_key(&format!("service {PACKAGE}.WorkService")),
        "the golden interface is none of ours: {} parts",
        parts.len()
    );
    let lost = taken_back(&ours(&before), &ours(&today));
    assert!(
        lost.is_empty(),
        "\n{}\nClients rely on these. Keep them, or, when a release is meant to break clients, say so in \
         docs/CHANGELOG.md and run MUSTER_UPDATE_GOLDEN=breaking cargo test --test it \
         interface::compatibility\n",
        lost.join("\n")
    );
    if wish == "1" {
        move_golden(&today);
    }
}

mod control {
    use prost_types::descriptor_proto::ReservedRange;
    use prost_types::field_descriptor_proto::{Label, Type};
    use prost_types::method_options::IdempotencyLevel;

    use super::*;
    use crate::interface::sample;

    /// Holds what is lost between the sample and the sample changed.
    #[track_caller]
    fn check(change: impl FnOnce(&mut FileDescriptorProto), expected: &[&str]) {
        let before = sample::file();
        let mut now = before.clone();
        change(&mut now);
        assert_eq!(taken_back(&[&before], &[&now]), expected);
    }

    #[test]
    fn additions_are_welcome() {
        check(
            |file| {
                file.service[0].method.push(sample::method("SinkBoat"));
                file.message_type
                    .push(sample::message("SinkBoatRequest", Vec::new()));
                file.message_type
                    .push(sample::message("SinkBoatResponse", Vec::new()));
                file.message_type[0]
                    .field
                    .push(sample::field("note", 9, Type::String));
                let mut lamp = sample::field("white", 5, Type::String);
                lamp.oneof_index = Some(0);
                file.message_type[3].field.push(lamp);
                file.enum_type[0]
                    .value
                    .push(sample::value("BOAT_COLOUR_BLUE", 2));
                file.message_type[1].reserved_range.push(ReservedRange {
                    start: Some(20),
                    end: Some(22),
                });
            },
            &[],
        );
    }

    #[test]
    fn order_and_place_in_files_do_not_matter() {
        let before = sample::file();
        let mut first = before.clone();
        let mut second = before.clone();
        second.name = Some("muster/v1/other.proto".to_owned());
        second.service.clear();
        second.enum_type.clear();
        first.message_type.clear();
        second.message_type.reverse();
        assert_eq!(
            taken_back(&[&before], &[&second, &first]),
            Vec::<String>::new()
        );
    }

    #[test]
    fn a_field_removed_is_found() {
        check(
            |file| drop(file.message_type[0].field.remove(1)),
            &["field muster.v1.LaunchBoatRequest 2: is gone"],
        );
    }

    #[test]
    fn a_field_renumbered_is_found() {
        check(
            |file| file.message_type[0].field[1].number = Some(7),
            &["field muster.v1.LaunchBoatRequest 2: is gone"],
        );
    }

    #[test]
    fn a_field_renamed_retyped_or_relabelled_is_found() {
        let was = r#"" string boat, json \"boat\", oneof \"\"""#;
        let lost = |now: &str| format!("field muster.v1.LaunchBoatRequest 2: was {was}, is {now}");
        check(
            |file| {
                let field = &mut file.message_type[0].field[1];
                field.name = Some("ship".to_owned());
                field.json_name = Some("ship".to_owned());
            },
            &[&lost(r#"" string ship, json \"ship\", oneof \"\"""#)],
        );
        check(
            |file| file.message_type[0].field[1].r#type = Some(Type::Bytes.into()),
            &[&lost(r#"" bytes boat, json \"boat\", oneof \"\"""#)],
        );
        check(
            |file| {
                let field = &mut file.message_type[0].field[1];
                field.r#type = Some(Type::Message.into());
                field.type_name = Some(".muster.v1.Boat".to_owned());
            },
            &[&lost(
                r#"" muster.v1.Boat boat, json \"boat\", oneof \"\"""#,
            )],
        );
        check(
            |file| file.message_type[0].field[1].label = Some(Label::Repeated.into()),
            &[&lost(
                r#""repeated string boat, json \"boat\", oneof \"\"""#,
            )],
        );
        check(
            |file| file.message_type[0].field[1].proto3_optional = Some(true),
            &[&lost(
                r#""optional string boat, json \"boat\", oneof \"\"""#,
            )],
        );
        check(
            |file| file.message_type[0].field[1].json_name = Some("theBoat".to_owned()),
            &[&lost(r#"" string boat, json \"theBoat\", oneof \"\"""#)],
        );
    }

    #[test]
    fn a_field_moved_into_or_out_of_a_oneof_is_found() {
        check(
            |file| file.message_type[3].field[3].oneof_index = None,
            &[
                r#"field muster.v1.ListBoatsResponse 4: was " string green, json \"green\", oneof \"lamp\"", is " string green, json \"green\", oneof \"\"""#,
            ],
        );
        check(
            |file| file.message_type[3].field[1].oneof_index = Some(0),
            &[
                r#"field muster.v1.ListBoatsResponse 2: was " string next_page_token, json \"next_page_token\", oneof \"\"", is " string next_page_token, json \"next_page_token\", oneof \"lamp\"""#,
            ],
        );
    }

    #[test]
    fn a_message_an_enum_a_service_removed_or_renamed_is_found() {
        check(
            |file| drop(file.message_type.remove(1)),
            &[
                "field muster.v1.LaunchBoatResponse 1: is gone",
                "message muster.v1.LaunchBoatResponse: is gone",
            ],
        );
        check(
            |file| file.enum_type[0].name = Some("Colour".to_owned()),
            &[
                "enum muster.v1.BoatColour: is gone",
                "value muster.v1.BoatColour 0: is gone",
                "value muster.v1.BoatColour 1: is gone",
            ],
        );
        check(
            |file| file.service.clear(),
            &[
                "call muster.v1.BoatService.LaunchBoat: is gone",
                "call muster.v1.BoatService.ListBoats: is gone",
                "service muster.v1.BoatService: is gone",
            ],
        );
    }

    #[test]
    fn an_enum_value_removed_renumbered_or_renamed_is_found() {
        check(
            |file| drop(file.enum_type[0].value.pop()),
            &["value muster.v1.BoatColour 1: is gone"],
        );
        check(
            |file| file.enum_type[0].value[1].number = Some(4),
            &["value muster.v1.BoatColour 1: is gone"],
        );
        check(
            |file| file.enum_type[0].value[1].name = Some("BOAT_COLOUR_ROSE".to_owned()),
            &[r#"value muster.v1.BoatColour 1: was "BOAT_COLOUR_RED", is "BOAT_COLOUR_ROSE""#],
        );
    }

    #[test]
    fn a_call_removed_restreamed_or_given_other_messages_is_found() {
        let name = "call muster.v1.BoatService.LaunchBoat";
        let was = "(.muster.v1.LaunchBoatRequest) returns (.muster.v1.LaunchBoatResponse) \
                   IDEMPOTENCY_UNKNOWN";
        let lost = |from: &str, to: &str| {
            let now = was.replace(from, to);
            format!("{name}: was {was:?}, is {now:?}")
        };
        check(
            |file| drop(file.service[0].method.remove(0)),
            &[&format!("{name}: is gone")],
        );
        check(
            |file| file.service[0].method[0].server_streaming = Some(true),
            &[&lost("returns (", "returns (stream ")],
        );
        check(
            |file| file.service[0].method[0].client_streaming = Some(true),
            &[&lost(
                "(.muster.v1.LaunchBoatReq",
                "(stream .muster.v1.LaunchBoatReq",
            )],
        );
        check(
            |file| {
                file.service[0].method[0].output_type =
                    Some(".muster.v1.ListBoatsResponse".to_owned());
            },
            &[&lost("LaunchBoatResponse", "ListBoatsResponse")],
        );
        check(
            |file| {
                let options = file.service[0].method[0].options.get_or_insert_default();
                options.idempotency_level = Some(IdempotencyLevel::NoSideEffects.into());
            },
            &[&lost("IDEMPOTENCY_UNKNOWN", "NO_SIDE_EFFECTS")],
        );
    }

    #[test]
    fn a_package_renamed_takes_everything_back() {
        let before = sample::file();
        let mut now = before.clone();
        now.package = Some("muster.v2".to_owned());
        let lost = taken_back(&[&before], &[&now]);
        assert_eq!(lost.len(), surface(&[&before]).len());
    }

    #[test]
    fn a_reserved_number_or_name_that_is_given_free_is_found() {
        let mut before = sample::file();
        before.message_type[0].reserved_range.push(ReservedRange {
            start: Some(5),
            end: Some(7),
        });
        before.message_type[0].reserved_name.push("sail".to_owned());
        let lost = taken_back(&[&before], &[&sample::file()]);
        assert_eq!(
            lost,
            [
                "reserved muster.v1.LaunchBoatRequest \"sail\": is gone",
                "reserved muster.v1.LaunchBoatRequest 5: is gone",
                "reserved muster.v1.LaunchBoatRequest 6: is gone",
            ]
        );
    }

    #[test]
    fn what_a_published_interface_loses_is_found_through_its_stored_form_too() {
        let today = published();
        let mut cut = FileDescriptorSet::decode(today.encode_to_vec().as_slice())
            .expect("what was encoded is read");
        let work = |file: &&mut FileDescriptorProto| file.name() == "muster/v1/work_service.proto";
        let file = cut.file.iter_mut().find(work).expect("the file is there");
        let gone = file.service[0].method.remove(0);
        let lost = taken_back(&ours(&today), &ours(&cut));
        assert_eq!(
            lost,
            [format!(
                "call muster.v1.WorkService.{}: is gone",
                gone.name()
            )]
        );
    }
}
