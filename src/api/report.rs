//! Reports: made as of now, published, listed, and shown as they were published.

use muster_proto::v1 as wire;
use tonic::Status;

use super::aside::aside;
use super::call::Call;
use super::ceremony::columns;
use super::validate::{bad, id};
use super::work::find;
use super::{Api, enums, status};
use crate::plan::Command;
use crate::plan::command::{Timing, find_report};
use crate::plan::event::{Event, ReportKind};
use crate::plan::id::ReportId;
use crate::report::document::Document;
use crate::schedule::{Addressing as _, Ask, PublishedError, compose, published, reproduce};

/// A report in every form.
struct Forms {
    data_json: String,
    markdown: String,
    text: String,
    html: String,
}

impl Forms {
    async fn of(document: Document, columns: usize) -> Result<Self, Status> {
        aside(move || Self {
            data_json: document.to_json(),
            markdown: document.markdown(),
            text: document.text(columns),
            html: document.html(),
        })
        .await
    }
}

fn unread(error: &PublishedError) -> Status {
    match error {
        PublishedError::Engine(error) => status::failed(error),
        PublishedError::Missing => status::internal("a published report is not in the log"),
    }
}

fn ask<T>(call: &Call<T>, kind: i32, role: &str) -> Result<Ask, Status> {
    let kind = enums::read_report_kind(kind)?;
    let Some(kind) = kind else {
        return Err(bad("kind", "is missing"));
    };
    let role = match role {
        "" => String::new(),
        role => {
            let no = call.plan.resolve_role(role);
            let no = no.map_err(|refusal| status::refused(&refusal))?;
            call.plan.role_slug(Some(no)).to_owned()
        }
    };
    Ok(Ask {
        kind,
        role,
        as_of: None,
    })
}

impl Call<wire::GenerateReportRequest> {
    pub(super) async fn generate_report(
        self,
        api: &Api,
    ) -> Result<wire::GenerateReportResponse, Status> {
        let columns = columns(self.body.columns)?;
        let ask = ask(&self, self.body.kind, &self.body.role)?;
        let composed = compose(&api.engine, &self.project, ask).await;
        let composed = composed.map_err(|error| status::failed(&error))?;
        let forms = Forms::of(composed.document, columns).await?;
        Ok(wire::GenerateReportResponse {
            data_json: forms.data_json,
            markdown: forms.markdown,
            text: forms.text,
            html: forms.html,
        })
    }
}

impl Call<wire::PublishReportRequest> {
    pub(super) async fn publish_report(
        self,
        api: &Api,
    ) -> Result<wire::PublishReportResponse, Status> {
        let ask = ask(&self, self.body.kind, &self.body.role)?;
        let composed = compose(&api.engine, &self.project, ask).await;
        let composed = composed.map_err(|error| status::failed(&error))?;
        let mut new = composed
            .new_report()
            .map_err(|error| status::failed(&error))?;
        new.channels = api.options.channels.channels_for(&self.project, &new);
        let command = Command::Time(Timing::Publish(Box::new(new)));
        let answer = api.submit(&self, command).await?;
        let id = find(&answer, |event| match event {
            Event::ReportPublished(published) => Some(published.report),
            _ => None,
        })?;
        let view = api.view(&self.project, &answer.plan, &self.caller);
        let report = answer.plan.report(id).map(|report| view.report(report));
        Ok(wire::PublishReportResponse { report })
    }
}

impl Call<wire::ListReportsRequest> {
    pub(super) async fn list_reports(self, api: &Api) -> Result<wire::ListReportsResponse, Status> {
        let body = &self.body;
        let page = api.page("reports", body.page_size, &body.page_token)?;
        let before: Option<ReportId> = page.after()?;
        let kind: Option<ReportKind> = enums::read_report_kind(body.kind)?;
        let schedule = body.schedule.to_lowercase();
        let all = self.plan.reports().rev();
        let wanted = all
            .filter(|it| before.is_none_or(|before| it.id < before))
            .filter(|it| kind.is_none_or(|kind| it.kind == kind))
            .filter(|it| schedule.is_empty() || *it.schedule == *schedule);
        let view = api.view(&self.project, &self.plan, &self.caller);
        let (reports, next_page_token) =
            page.fill(wanted, |it| it.id.to_string(), |it| view.report(it));
        Ok(wire::ListReportsResponse {
            reports,
            next_page_token,
        })
    }
}

impl Call<wire::GetReportRequest> {
    pub(super) async fn get_report(self, api: &Api) -> Result<wire::GetReportResponse, Status> {
        let columns = columns(self.body.columns)?;
        let wanted = match self.body.report.as_str() {
            "" => None,
            written => Some(id("report", written)?),
        };
        let report = find_report(&self.plan, wanted);
        let report = report.map_err(|refusal| status::refused(&refusal))?;
        let published = published(&api.engine, &self.project, report).await;
        let published = published.map_err(|error| unread(&error))?;
        let reproduced = if self.body.reproduce {
            let again = reproduce(&api.engine, &self.project, report, &published.facts).await;
            let again = again.map_err(|error| status::failed(&error))?;
            Some(again.document.to_json() == published.document)
        } else {
            None
        };
        let document = Document::from_json(&published.document);
        let document =
            document.map_err(|_| status::internal("a published report cannot be read"))?;
        let forms = Forms::of(document, columns).await?;
        let view = api.view(&self.project, &self.plan, &self.caller);
        Ok(wire::GetReportResponse {
            report: Some(view.report(report)),
            data_json: published.document,
            markdown: forms.markdown,
            text: forms.text,
            html: forms.html,
            reproduced,
        })
    }
}
