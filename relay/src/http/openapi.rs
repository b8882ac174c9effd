//! `GET /openapi.json`.
use super::fault::Fault;
use axum::response::Response;
pub(super) async fn show() -> Result<Response, Fault> {
    Err(Fault::not_found())
}
