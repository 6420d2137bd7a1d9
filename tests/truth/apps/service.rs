// axum as server, reqwest as client, on tokio's threads. The plan is that of plan.py.
use std::{env, time::Duration};

use axum::{extract::Path, extract::State, routing::get, Router};
use futures_util::future::join_all;
use rand::Rng;
use reqwest::Client;

#[derive(Clone)]
struct Service {
    client: Client,
    next: Vec<String>,
    work_ms: f64,
    hard: bool,
    join: bool, // of calls at once: waits for all, not for one after the other
}

fn variable(name: &str) -> String {
    env::var(name).unwrap_or_default()
}

impl Service {
    async fn work(&self) {
        if self.work_ms > 0.0 {
            let share = if self.hard { rand::thread_rng().gen_range(0.2..1.8) } else { 1.0 };
            tokio::time::sleep(Duration::from_secs_f64(share * self.work_ms / 1000.0)).await;
        }
    }

    async fn call(&self, url: String) {
        let _ = self.client.get(url).send().await.unwrap().bytes().await.unwrap();
    }

    fn urls(&self, route: &str, mut number: u64) -> Vec<String> {
        let count = match route {
            "none" => 0,
            "one" => 1,
            _ => self.next.len(),
        };
        let mut urls = vec![];
        for base in &self.next[..count] {
            number = number * 48271 % ((1 << 31) - 1);
            if !self.hard || rand::thread_rng().gen_ratio(2, 3) {
                urls.push(format!("{base}/r/{number}"));
            }
        }
        urls
    }

    async fn background(self) {
        loop {
            let ms = rand::thread_rng().gen_range(4.0..12.0);
            tokio::time::sleep(Duration::from_secs_f64(ms / 1000.0)).await;
            let number = rand::thread_rng().gen_range(1..100_000);
            self.call(format!("{}/r/{number}", self.next[0])).await;
        }
    }
}

async fn handle(State(service): State<Service>, Path((route, number)): Path<(String, u64)>) -> &'static str {
    service.work().await;
    let urls = service.urls(&route, number);
    if route == "par" {
        let calls = urls.into_iter().map(|url| {
            let service = service.clone();
            tokio::spawn(async move { service.call(url).await })
        });
        let calls = calls.collect::<Vec<_>>();
        if service.join {
            join_all(calls).await;
        } else {
            for call in calls {
                call.await.unwrap();
            }
        }
    } else {
        for url in urls {
            service.call(url).await;
        }
    }
    service.work().await;
    "ok\n"
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let service = Service {
        client: Client::builder().no_proxy().build().unwrap(),
        next: variable("NEXT").split(',').map(String::from).collect(),
        work_ms: variable("WORK_MS").parse().unwrap(),
        hard: variable("HARD") == "1",
        join: variable("JOIN") == "1",
    };
    if variable("BACKGROUND") == "1" {
        tokio::spawn(service.clone().background());
    }
    let app = Router::new().route("/:route/:number", get(handle)).with_state(service);
    let listener = tokio::net::TcpListener::bind(format!("127.0.0.1:{}", variable("PORT"))).await.unwrap();
    axum::serve(listener, app).await.unwrap();
}
