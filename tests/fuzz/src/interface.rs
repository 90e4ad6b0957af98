//! The interface as it describes itself: every method, and a request for it with each field filled.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use prost::Message as _;
use prost::encoding::{WireType, encode_key, encode_varint};
use prost_types::field_descriptor_proto::{Label, Type};
use prost_types::{DescriptorProto, FieldDescriptorProto, FileDescriptorSet};

/// One method.
#[derive(Debug)]
pub struct Method {
    /// Its name, such as `ClaimTask`.
    pub name: String,
    /// Its path, such as `/muster.v1.WorkService/ClaimTask`.
    pub path: String,
    /// The answer is a stream.
    pub streams: bool,
    input: String,
}

/// What the server describes.
pub struct Interface {
    /// Every method of ours, by path.
    pub methods: Vec<Method>,
    messages: BTreeMap<String, DescriptorProto>,
}

/// The interface.
pub static INTERFACE: LazyLock<Interface> = LazyLock::new(Interface::read);

impl Interface {
    fn read() -> Self {
        let set = FileDescriptorSet::decode(muster_proto::v1::FILE_DESCRIPTOR_SET)
            .expect("the build wrote it");
        let mut methods = Vec::new();
        let mut messages = BTreeMap::new();
        for file in &set.file {
            let package = file.package();
            for message in &file.message_type {
                let name = format!(".{package}.{}", message.name());
                for inner in &message.nested_type {
                    messages.insert(format!("{name}.{}", inner.name()), inner.clone());
                }
                messages.insert(name, message.clone());
            }
            for service in file.service.iter().filter(|_| package == "muster.v1") {
                methods.extend(service.method.iter().map(|method| Method {
                    name: method.name().to_owned(),
                    path: format!("/{package}.{}/{}", service.name(), method.name()),
                    streams: method.server_streaming(),
                    input: method.input_type().to_owned(),
                }));
            }
        }
        methods.sort_by(|one, other| one.path.cmp(&other.path));
        Self { methods, messages }
    }

    /// A request with every field filled, those named with the text given.
    pub fn request(&self, method: &Method, given: &[(&str, &str)]) -> Vec<u8> {
        self.filled(&method.input, given, 4)
    }

    fn filled(&self, message: &str, given: &[(&str, &str)], depth: usize) -> Vec<u8> {
        let mut bytes = Vec::new();
        let Some(descriptor) = self.messages.get(message).filter(|_| depth > 0) else {
            return bytes;
        };
        let mut chosen = Vec::new();
        for field in &descriptor.field {
            // Refused beside `as_of_version`, which is filled.
            if field.name() == "as_of" {
                continue;
            }
            // Of each choice one: the first.
            if let Some(choice) = field.oneof_index.filter(|_| !field.proto3_optional()) {
                if chosen.contains(&choice) {
                    continue;
                }
                chosen.push(choice);
            }
            self.fill(field, given, depth, &mut bytes);
        }
        bytes
    }

    fn fill(
        &self,
        field: &FieldDescriptorProto,
        given: &[(&str, &str)],
        depth: usize,
        bytes: &mut Vec<u8>,
    ) {
        let tag = u32::try_from(field.number()).expect("a field's number");
        let content = match field.r#type() {
            Type::String => text(field, given).into_bytes(),
            Type::Bytes => PLAN.as_bytes().to_vec(),
            Type::Message => self.filled(field.type_name(), given, depth - 1),
            Type::Double => {
                encode_key(tag, WireType::SixtyFourBit, bytes);
                bytes.extend(1.0_f64.to_le_bytes());
                return;
            }
            _ => {
                let number = given
                    .iter()
                    .find(|(name, _)| *name == field.name())
                    .and_then(|(_, text)| text.parse().ok());
                if field.label() != Label::Repeated {
                    encode_key(tag, WireType::Varint, bytes);
                    encode_varint(number.unwrap_or(1), bytes);
                }
                return;
            }
        };
        encode_key(tag, WireType::LengthDelimited, bytes);
        encode_varint(content.len() as u64, bytes);
        bytes.extend(content);
    }
}

const PLAN: &str = "# Plan\n\n## Phase 1: Base\n\n- [ ] Set up\n- [x] Write it down\n";

/// A text that a field of this name may have.
fn text(field: &FieldDescriptorProto, given: &[(&str, &str)]) -> String {
    if let Some((_, text)) = given.iter().find(|(name, _)| *name == field.name()) {
        return (*text).to_owned();
    }
    match field.name() {
        "project" => "shop",
        "task" | "found_on" | "tasks" | "tasks_added" | "tasks_removed" | "blocks"
        | "blocks_tasks" => "T-1",
        "phase" | "phases" | "phases_added" | "phases_removed" | "suggested_phase"
        | "blocks_phase" => "1",
        "blocker" => "B-1",
        "discovered" => "D-1",
        "decision" => "DEC-1",
        "deliverable" | "deliverables" => "DL-1",
        "milestone" => "M-1",
        "risk" => "R-1",
        "rule" => "RU-1",
        "date" | "start_date" | "target_date" => "2026-11-24",
        "session" => "S-1",
        "agent" | "owner" => "dev-1",
        "role" | "roles" | "lead_role" | "parent" | "accepting_roles" => "developer",
        "estimate" => "1h",
        "paths" => "title",
        "time_zone" => "UTC",
        "slug" => "another",
        "name" => "newcomer",
        "file_name" => "PLAN.md",
        "external_id" | "after" | "page_token" | "page_size" | "predecessors" | "token"
        | "duplicate_of" | "format" | "kinds" | "types" => "",
        _ => "a text",
    }
    .to_owned()
}
