//! Reading descriptors: everything that has a name, with the place where its comment is kept.

use muster_proto::v1::FILE_DESCRIPTOR_SET;
use prost::Message as _;
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{
    DescriptorProto, EnumDescriptorProto, FieldDescriptorProto, FileDescriptorProto,
    FileDescriptorSet, OneofDescriptorProto,
};

/// The package that is published.
pub const PACKAGE: &str = "muster.v1";

/// Field numbers of descriptor.proto, which paths of comments are made of.
pub mod place {
    pub const FILE_MESSAGE: i32 = 4;
    pub const FILE_ENUM: i32 = 5;
    pub const FILE_SERVICE: i32 = 6;
    pub const FILE_SYNTAX: i32 = 12;
    pub const MESSAGE_FIELD: i32 = 2;
    pub const MESSAGE_NESTED: i32 = 3;
    pub const MESSAGE_ENUM: i32 = 4;
    pub const MESSAGE_ONEOF: i32 = 8;
    pub const ENUM_VALUE: i32 = 2;
    pub const SERVICE_METHOD: i32 = 2;
}

/// Everything the daemon publishes, imports included, with comments.
pub fn published() -> FileDescriptorSet {
    FileDescriptorSet::decode(FILE_DESCRIPTOR_SET).expect("our own descriptors")
}

/// The files of a set that are ours.
pub fn ours(set: &FileDescriptorSet) -> Vec<&FileDescriptorProto> {
    let is_ours = |file: &&FileDescriptorProto| !file.package().starts_with("google.");
    set.file.iter().filter(is_ours).collect()
}

/// Something of a file, with its full name and the path of its comment.
pub struct Placed<'a, T> {
    pub name: String,
    pub path: Vec<i32>,
    pub item: &'a T,
}

/// The messages of a file, those within others included; entries of maps are fields, not messages.
pub fn messages(file: &FileDescriptorProto) -> Vec<Placed<'_, DescriptorProto>> {
    fn collect<'a>(
        prefix: &str,
        path: &[i32],
        within: &'a [DescriptorProto],
        found: &mut Vec<Placed<'a, DescriptorProto>>,
    ) {
        for (nth, item) in (0..).zip(within) {
            if is_map_entry(item) {
                continue;
            }
            let name = format!("{prefix}.{}", item.name());
            let path = [path, &[nth]].concat();
            let below = [path.as_slice(), &[place::MESSAGE_NESTED]].concat();
            found.push(Placed {
                name: name.clone(),
                path,
                item,
            });
            collect(&name, &below, &item.nested_type, found);
        }
    }
    let mut found = Vec::new();
    let path = [place::FILE_MESSAGE];
    collect(file.package(), &path, &file.message_type, &mut found);
    found
}

/// The enums of a file, those within messages included.
pub fn enums(file: &FileDescriptorProto) -> Vec<Placed<'_, EnumDescriptorProto>> {
    fn collect<'a>(
        prefix: &str,
        path: &[i32],
        within: &'a [EnumDescriptorProto],
        found: &mut Vec<Placed<'a, EnumDescriptorProto>>,
    ) {
        found.extend((0..).zip(within).map(|(nth, item)| Placed {
            name: format!("{prefix}.{}", item.name()),
            path: [path, &[nth]].concat(),
            item,
        }));
    }
    let mut found = Vec::new();
    let path = [place::FILE_ENUM];
    collect(file.package(), &path, &file.enum_type, &mut found);
    for message in messages(file) {
        let path = [message.path.as_slice(), &[place::MESSAGE_ENUM]].concat();
        collect(&message.name, &path, &message.item.enum_type, &mut found);
    }
    found
}

/// The comment above the thing at `path` of a file, on one line; empty when there is none.
pub fn comment(file: &FileDescriptorProto, path: &[i32]) -> String {
    let locations = file.source_code_info.iter().flat_map(|info| &info.location);
    let found = locations.filter(|location| location.path == path);
    let text: String = found
        .filter_map(|location| location.leading_comments.as_deref())
        .collect();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether a message only stands for the entries of a map.
pub fn is_map_entry(message: &DescriptorProto) -> bool {
    message.options.as_ref().is_some_and(|o| o.map_entry())
}

/// The name that a field's type has in a .proto file: `string`, or the full name of a message or enum.
pub fn type_name(field: &FieldDescriptorProto) -> String {
    match field.r#type() {
        Type::Message | Type::Enum => field.type_name().trim_start_matches('.').to_owned(),
        Type::Group => format!("group {}", field.type_name()),
        scalar => scalar
            .as_str_name()
            .trim_start_matches("TYPE_")
            .to_ascii_lowercase(),
    }
}

/// The oneof a field stands in; none for the one that stands for `optional`.
pub fn oneof<'a>(
    message: &'a DescriptorProto,
    field: &FieldDescriptorProto,
) -> Option<&'a OneofDescriptorProto> {
    if field.proto3_optional() {
        return None;
    }
    let index = usize::try_from(field.oneof_index?).ok()?;
    message.oneof_decl.get(index)
}

/// How often a field may be there, as a .proto file writes it; empty for a plain one.
pub fn label(field: &FieldDescriptorProto) -> &'static str {
    match field.label() {
        Label::Repeated => "repeated",
        Label::Required => "required",
        Label::Optional if field.proto3_optional() => "optional",
        Label::Optional => "",
    }
}

/// The entry type of a map field; none for other fields.
pub fn map_entry<'a>(
    message: &'a DescriptorProto,
    field: &FieldDescriptorProto,
) -> Option<&'a DescriptorProto> {
    let name = field.type_name().rsplit('.').next()?;
    let mut nested = message.nested_type.iter();
    nested.find(|entry| is_map_entry(entry) && entry.name() == name)
}
