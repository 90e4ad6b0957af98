//! What the way of reports to the channels does to a plan: a report waits for each channel by itself.

use super::super::event::{ReportDelivered, ReportReaddressed, ReportUndelivered, Text};
use super::super::id::ReportId;
use super::super::model::{Delivery, DeliveryState, Report};
use super::super::state::{Index, Plan};
use super::super::time::Timestamp;
use super::edit;

impl Index {
    /// Counts what a report has waiting, delivered and given up.
    pub(in super::super) fn count_deliveries(&mut self, report: &Report) {
        for (channel, delivery) in &report.deliveries {
            self.count_delivery(report.id, channel, delivery.state);
        }
    }

    fn count_delivery(&mut self, report: ReportId, channel: &Text, state: DeliveryState) {
        match state {
            DeliveryState::Waiting => {
                self.waiting_letters.insert((channel.clone(), report));
            }
            DeliveryState::Dead => {
                self.dead_letters.insert((channel.clone(), report));
            }
            DeliveryState::Delivered => {
                *self.delivered_letters.entry(channel.clone()).or_insert(0) += 1;
            }
        }
    }
}

impl Plan {
    pub(super) fn report_delivered(&mut self, event: &ReportDelivered, at: Timestamp) {
        let delivery = Delivery {
            state: DeliveryState::Delivered,
            attempts: event.attempts,
            at,
            note: Text::clone(&event.note),
        };
        self.delivery_moved(event.report, &event.channel, delivery);
    }

    pub(super) fn report_undelivered(&mut self, event: &ReportUndelivered, at: Timestamp) {
        let delivery = Delivery {
            state: DeliveryState::Dead,
            attempts: event.attempts,
            at,
            note: Text::clone(&event.reason),
        };
        self.delivery_moved(event.report, &event.channel, delivery);
    }

    pub(super) fn report_readdressed(&mut self, event: &ReportReaddressed, at: Timestamp) {
        self.delivery_moved(event.report, &event.channel, Delivery::waiting(at));
    }

    fn delivery_moved(&mut self, report: ReportId, channel: &Text, moved: Delivery) {
        let state = moved.state;
        edit(&mut self.reports, &report, |report| {
            let mut known = report.deliveries.iter_mut();
            if let Some((_, delivery)) = known.find(|(name, _)| name == channel) {
                *delivery = moved;
            }
        });
        let key = (channel.clone(), report);
        self.index.waiting_letters.remove(&key);
        self.index.dead_letters.remove(&key);
        self.index.count_delivery(report, channel, state);
    }
}
