//! What the test webhook answers when it behaves: a shop's discount code, its catalogue, an order, and so on.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

/// Sessions whose orders are kept, before counting starts anew.
const MOST_SESSIONS: usize = 1_000;

/// What a good answer is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// `products`: what is for sale, and `currency`.
    Products,
    /// `products` with what is left of them now, and `order`: `count` and `total` of what this session has put aside.
    Order,
    /// `rank` and `advice` for `params.score` of `params.of`, and a discount code.
    Result,
    /// `leadNumber`, and `received`: which fields came along with the newest submission.
    Lead,
}

/// What is for sale: id, name, price, how many there are, picture.
const PRODUCTS: [(&str, &str, f64, u32, &str); 3] = [
    ("tent", "Tent for two", 189.0, 2, "/film/tent.jpg"),
    ("lantern", "Lantern", 24.5, 9, "/film/lantern.jpg"),
    ("camp", "Tent and backpack", 249.0, 0, "/film/lake.jpg"),
];

/// Good answers, and what they depend on besides the request.
#[derive(Debug, Default)]
pub struct Answers {
    /// By session: what was ordered, request by request.
    orders: Mutex<HashMap<String, Vec<(String, String)>>>,
}

impl Answers {
    /// The answer to a request. But for orders everything in it follows from the request, so that a test can tell one
    /// request from another.
    pub fn good(&self, about: Option<Answer>, request: &Value) -> Value {
        match about {
            None => discount(request),
            Some(Answer::Products) => {
                let ordered = self.ordered(request, None);
                json!({ "currency": currency(request), "products": products(&ordered) })
            }
            Some(Answer::Order) => {
                let ordered = self.ordered(request, Some(text(request, "/params/product/id")));
                let price = |id: &String| {
                    PRODUCTS.iter().find(|product| product.0 == id).map_or(0.0, |product| product.2)
                };
                let total: f64 = ordered.iter().map(price).sum();
                json!({ "products": products(&ordered), "order": { "count": ordered.len(), "total": total } })
            }
            Some(Answer::Result) => result(request),
            Some(Answer::Lead) => lead(request),
        }
    }

    /// What a session has ordered. The same request orders once, however often it comes.
    fn ordered(&self, request: &Value, product: Option<&str>) -> Vec<String> {
        let mut orders = self.orders.lock().unwrap_or_else(PoisonError::into_inner);
        if orders.len() >= MOST_SESSIONS {
            orders.clear();
        }
        let list = orders.entry(text(request, "/session/id").to_owned()).or_default();
        let id = text(request, "/id");
        if let Some(product) = product.filter(|_| list.iter().all(|(known, _)| known != id)) {
            let of_it = list.iter().filter(|(_, other)| other == product).count();
            let is_left = |stock: u32| usize::try_from(stock).is_ok_and(|stock| of_it < stock);
            if PRODUCTS.iter().any(|(known, _, _, stock, _)| *known == product && is_left(*stock)) {
                list.push((id.to_owned(), product.to_owned()));
            }
        }
        list.iter().map(|(_, product)| product.clone()).collect()
    }
}

fn currency(request: &Value) -> &str {
    Some(text(request, "/params/currency")).filter(|code| !code.is_empty()).unwrap_or("EUR")
}

fn products(ordered: &[String]) -> Vec<Value> {
    let product = |(id, name, price, stock, picture): &(&str, &str, f64, u32, &str)| {
        let taken = ordered.iter().filter(|other| other == id).count();
        let left = stock.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX));
        json!({ "id": id, "name": name, "price": price, "stock": left, "imageUrl": picture })
    };
    PRODUCTS.iter().map(product).collect()
}

fn discount(request: &Value) -> Value {
    let sku = match text(request, "/params/sku") {
        "lantern" => "lantern",
        _ => "tent",
    };
    let first_name = match text(request, "/context/viewerName") {
        "" | "guest" => "John",
        name => name,
    };
    let user_name: String = first_name.to_lowercase().chars().filter(|c| c.is_alphanumeric()).collect();
    let interactions = request.get("interactions").and_then(Value::as_array).map_or(0, Vec::len);
    json!({
        "discountCode": code(request),
        "imageUrl": format!("/film/{sku}.jpg"),
        "score": interactions.saturating_mul(10),
        "user": { "firstName": first_name, "lastName": "Doe", "userName": format!("{user_name}.doe") },
    })
}

fn result(request: &Value) -> Value {
    let number = |pointer: &str| request.pointer(pointer).and_then(Value::as_u64).unwrap_or_default();
    let (score, of) = (number("/params/score"), number("/params/of"));
    let (rank, advice) = match score {
        _ if score >= of => ("Keeper of the lake", "Nothing escapes you."),
        0 => ("Dreamer", "It was a beautiful evening all the same."),
        _ => ("Wanderer", "Watch it again: it is all there."),
    };
    json!({ "rank": rank, "advice": advice, "discountCode": code(request) })
}

/// Says which fields came along, so that a page can show who is told what.
fn lead(request: &Value) -> Value {
    let interactions = request.get("interactions").and_then(Value::as_array);
    let newest = interactions.and_then(|list| list.iter().rfind(|item| item["type"] == "submit"));
    let fields = newest.and_then(|item| item["value"].as_object());
    let names: Vec<&String> = fields.map(|fields| fields.keys().collect()).unwrap_or_default();
    json!({ "leadNumber": seed(request) % 9_000 + 1_000, "received": names })
}

fn code(request: &Value) -> String {
    format!("LAKE-{:06X}", seed(request) & 0x00FF_FFFF)
}

fn seed(request: &Value) -> u64 {
    let params = request.get("params").unwrap_or(&Value::Null);
    fnv(format!("{} {params}", text(request, "/session/id")).as_bytes())
}

/// The text at a place of a value, or none.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

/// FNV-1a: short codes need no more.
fn fnv(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01B3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(id: &str, params: Value) -> Value {
        json!({ "id": id, "session": { "id": "s" }, "params": params })
    }

    #[test]
    fn an_order_counts_once_and_takes_from_the_stock() {
        let answers = Answers::default();
        let order = |id: &str, product: &str| {
            let answer =
                answers.good(Some(Answer::Order), &request(id, json!({ "product": { "id": product } })));
            (
                answer["order"]["count"].clone(),
                answer["order"]["total"].clone(),
                answer["products"][0]["stock"].clone(),
            )
        };
        assert_eq!(order("1", "tent"), (json!(1), json!(189.0), json!(1)));
        assert_eq!(order("1", "tent"), (json!(1), json!(189.0), json!(1)), "the same request");
        assert_eq!(order("2", "lantern"), (json!(2), json!(213.5), json!(1)));
        assert_eq!(order("3", "tent").2, json!(0));
        assert_eq!(order("4", "tent").0, json!(3), "there are two");
        assert_eq!(order("5", "camp").0, json!(3), "it is sold out");
        let shelf = answers.good(Some(Answer::Products), &request("6", json!({})));
        assert_eq!((&shelf["products"][0]["stock"], &shelf["currency"]), (&json!(0), &json!("EUR")));
    }

    #[test]
    fn a_result_follows_from_the_score() {
        let rank = |score: u64| {
            Answers::default().good(Some(Answer::Result), &request("1", json!({ "score": score, "of": 3 })))
        };
        let ranks = [0, 1, 2, 3].map(|score| rank(score)["rank"].as_str().unwrap().to_owned());
        assert_eq!(ranks, ["Dreamer", "Wanderer", "Wanderer", "Keeper of the lake"]);
    }

    #[test]
    fn a_lead_is_told_which_fields_came() {
        let with = |interaction: Value| {
            let request = json!({ "interactions": [interaction] });
            Answers::default().good(Some(Answer::Lead), &request)["received"].clone()
        };
        assert_eq!(with(json!({ "type": "submit", "value": { "email": "a@b.example" } })), json!(["email"]));
        assert_eq!(with(json!({ "type": "submit" })), json!([]));
    }

    /// `docs/webhooks.md` has a row for each, and what stands in it is there.
    #[test]
    fn answers_are_the_documented_ones() {
        let page = include_str!("../../../docs/webhooks.md");
        let rows = page
            .split_once("| `?answer=` |")
            .unwrap()
            .1
            .lines()
            .skip(2)
            .take_while(|line| line.starts_with('|'));
        let mut found = Vec::new();
        for row in rows {
            let words: Vec<&str> = row.split('`').skip(1).step_by(2).collect();
            let about: Answer = serde_json::from_value(json!(words[0])).unwrap();
            let answer = Answers::default().good(Some(about), &request("1", json!({})));
            let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
            assert!(
                !keys.is_empty() && keys.iter().all(|key| words.contains(&key.as_str())),
                "{row}: {keys:?}"
            );
            found.push(about);
        }
        assert_eq!(found, [Answer::Products, Answer::Order, Answer::Result, Answer::Lead]);
    }
}
