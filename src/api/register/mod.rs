//! The registers of a project: one service, a file for each register behind it.

mod assignment;
mod deliverable;
mod integration;
mod milestone;
mod risk;
mod rollout;

use muster_proto::v1 as wire;
use tonic::{Request, Response, Status};

use super::Api;

type Answered<T> = Result<Response<T>, Status>;

/// Hands each method to the file of its register.
macro_rules! methods {
    ($($method:ident($request:ident) -> $response:ident;)+) => {
        #[tonic::async_trait]
        impl wire::register_service_server::RegisterService for Api {
            $(async fn $method(
                &self,
                request: Request<wire::$request>,
            ) -> Answered<wire::$response> {
                let call = self.open(request)?;
                call.$method(self).await.map(Response::new)
            })+
        }
    };
}

methods! {
    create_deliverable(CreateDeliverableRequest) -> CreateDeliverableResponse;
    update_deliverable(UpdateDeliverableRequest) -> UpdateDeliverableResponse;
    list_deliverables(ListDeliverablesRequest) -> ListDeliverablesResponse;
    submit_deliverable(SubmitDeliverableRequest) -> SubmitDeliverableResponse;
    accept_deliverable(AcceptDeliverableRequest) -> AcceptDeliverableResponse;
    reject_deliverable(RejectDeliverableRequest) -> RejectDeliverableResponse;
    create_milestone(CreateMilestoneRequest) -> CreateMilestoneResponse;
    update_milestone(UpdateMilestoneRequest) -> UpdateMilestoneResponse;
    list_milestones(ListMilestonesRequest) -> ListMilestonesResponse;
    tick_milestone(TickMilestoneRequest) -> TickMilestoneResponse;
    reach_milestone(ReachMilestoneRequest) -> ReachMilestoneResponse;
    miss_milestone(MissMilestoneRequest) -> MissMilestoneResponse;
    create_risk(CreateRiskRequest) -> CreateRiskResponse;
    update_risk(UpdateRiskRequest) -> UpdateRiskResponse;
    list_risks(ListRisksRequest) -> ListRisksResponse;
    move_risk(MoveRiskRequest) -> MoveRiskResponse;
    create_integration_point(CreateIntegrationPointRequest) -> CreateIntegrationPointResponse;
    update_integration_point(UpdateIntegrationPointRequest) -> UpdateIntegrationPointResponse;
    list_integration_points(ListIntegrationPointsRequest) -> ListIntegrationPointsResponse;
    confirm_integration_point(ConfirmIntegrationPointRequest) -> ConfirmIntegrationPointResponse;
    test_integration_point(TestIntegrationPointRequest) -> TestIntegrationPointResponse;
    fail_integration_point(FailIntegrationPointRequest) -> FailIntegrationPointResponse;
    withdraw_integration_point(WithdrawIntegrationPointRequest) -> WithdrawIntegrationPointResponse;
    create_rollout(CreateRolloutRequest) -> CreateRolloutResponse;
    update_rollout(UpdateRolloutRequest) -> UpdateRolloutResponse;
    list_rollouts(ListRolloutsRequest) -> ListRolloutsResponse;
    test_rollback(TestRollbackRequest) -> TestRollbackResponse;
    start_rollout(StartRolloutRequest) -> StartRolloutResponse;
    tick_rollout_step(TickRolloutStepRequest) -> TickRolloutStepResponse;
    end_rollout(EndRolloutRequest) -> EndRolloutResponse;
    create_assignment(CreateAssignmentRequest) -> CreateAssignmentResponse;
    update_assignment(UpdateAssignmentRequest) -> UpdateAssignmentResponse;
    list_assignments(ListAssignmentsRequest) -> ListAssignmentsResponse;
    end_assignment(EndAssignmentRequest) -> EndAssignmentResponse;
}
