//! A small interface that keeps every rule, for tests to break in one place at a time.

use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::source_code_info::Location;
use prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
    FileDescriptorProto, MethodDescriptorProto, OneofDescriptorProto, ServiceDescriptorProto,
    SourceCodeInfo,
};

use super::descriptor::{enums, messages, place};

/// One file with a service, two calls, their messages, an enum and a choice between two fields.
pub fn file() -> FileDescriptorProto {
    let mut file = FileDescriptorProto {
        name: Some("muster/v1/boat_service.proto".to_owned()),
        package: Some("muster.v1".to_owned()),
        syntax: Some("proto3".to_owned()),
        service: vec![ServiceDescriptorProto {
            name: Some("BoatService".to_owned()),
            method: vec![method("LaunchBoat"), method("ListBoats")],
            ..Default::default()
        }],
        message_type: vec![
            message(
                "LaunchBoatRequest",
                vec![
                    field("request_id", 1, Type::String),
                    field("boat", 2, Type::String),
                    field("wait_ms", 3, Type::Uint64),
                ],
            ),
            message("LaunchBoatResponse", vec![field("afloat", 1, Type::Bool)]),
            message(
                "ListBoatsRequest",
                vec![
                    field("page_size", 1, Type::Int32),
                    field("page_token", 2, Type::String),
                ],
            ),
            message(
                "ListBoatsResponse",
                vec![
                    field("boats", 1, Type::String),
                    field("next_page_token", 2, Type::String),
                    field("red", 3, Type::String),
                    field("green", 4, Type::String),
                ],
            ),
        ],
        enum_type: vec![EnumDescriptorProto {
            name: Some("BoatColour".to_owned()),
            value: vec![
                value("BOAT_COLOUR_UNSPECIFIED", 0),
                value("BOAT_COLOUR_RED", 1),
            ],
            ..Default::default()
        }],
        ..Default::default()
    };
    let listed = &mut file.message_type[3];
    listed.field[0].label = Some(Label::Repeated.into());
    listed.field[2].oneof_index = Some(0);
    listed.field[3].oneof_index = Some(0);
    listed.oneof_decl = vec![OneofDescriptorProto {
        name: Some("lamp".to_owned()),
        ..Default::default()
    }];
    comment_everything(&mut file);
    file
}

/// A call with messages of its own name.
pub fn method(name: &str) -> MethodDescriptorProto {
    MethodDescriptorProto {
        name: Some(name.to_owned()),
        input_type: Some(format!(".muster.v1.{name}Request")),
        output_type: Some(format!(".muster.v1.{name}Response")),
        ..Default::default()
    }
}

/// A message with fields.
pub fn message(name: &str, field: Vec<FieldDescriptorProto>) -> DescriptorProto {
    DescriptorProto {
        name: Some(name.to_owned()),
        field,
        ..Default::default()
    }
}

/// A plain field.
pub fn field(name: &str, number: i32, kind: Type) -> FieldDescriptorProto {
    FieldDescriptorProto {
        name: Some(name.to_owned()),
        json_name: Some(name.to_owned()),
        number: Some(number),
        label: Some(Label::Optional.into()),
        r#type: Some(kind.into()),
        ..Default::default()
    }
}

/// A value of an enum.
pub fn value(name: &str, number: i32) -> EnumValueDescriptorProto {
    EnumValueDescriptorProto {
        name: Some(name.to_owned()),
        number: Some(number),
        ..Default::default()
    }
}

/// Sets a comment, or takes it away when it is empty.
pub fn comment_at(file: &mut FileDescriptorProto, path: &[i32], text: &str) {
    let info = file
        .source_code_info
        .get_or_insert_with(SourceCodeInfo::default);
    info.location.retain(|location| location.path != path);
    if !text.is_empty() {
        info.location.push(Location {
            path: path.to_vec(),
            leading_comments: Some(format!(" {text}\n")),
            ..Default::default()
        });
    }
}

fn comment_everything(file: &mut FileDescriptorProto) {
    let mut paths = vec![vec![place::FILE_SYNTAX], vec![place::FILE_SERVICE, 0]];
    paths.extend((0..2).map(|nth| vec![place::FILE_SERVICE, 0, place::SERVICE_METHOD, nth]));
    for found in messages(file) {
        let below = |part, nth| [found.path.as_slice(), &[part, nth]].concat();
        let fields = (0..).zip(&found.item.field);
        paths.extend(fields.map(|(nth, _)| below(place::MESSAGE_FIELD, nth)));
        let oneofs = (0..).zip(&found.item.oneof_decl);
        paths.extend(oneofs.map(|(nth, _)| below(place::MESSAGE_ONEOF, nth)));
        paths.push(found.path.clone());
    }
    for found in enums(file) {
        let values = (0..).zip(&found.item.value);
        paths.extend(
            values.map(|(nth, _)| [found.path.as_slice(), &[place::ENUM_VALUE, nth]].concat()),
        );
        paths.push(found.path);
    }
    for path in paths {
        comment_at(
            file,
            &path,
            "What it is, in milliseconds where it is a time.",
        );
    }
}
