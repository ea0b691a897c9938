//! A file goes to whoever takes it, however slowly, and holds no place for whoever does not.

use super::house::House;
use graborder::app::{self, Node, Roles};
use std::time::{Duration, Instant};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

const ROWS: usize = 60_000;

/// A house with a long list, and a node of it that ends idle connections after a second.
async fn long_list() -> (House, Node) {
    let house = House::new().await;
    let mut db = house.db.0.acquire().await.expect("connects").detach();
    sqlx::query("set statement_timeout = 0").execute(&mut db).await.expect("patience");
    sqlx::query(
        "insert into skus (id, code, name, category, case_pack, price_cents)
         select gen_random_uuid(), 'L' || n, repeat('长', 80), '饮料', 12, 150 from generate_series(1, $1) n",
    )
    .bind(i64::try_from(ROWS).expect("fits"))
    .execute(&mut db)
    .await
    .expect("is planted");
    let mut settings = house.settings.clone();
    settings.http.idle_ms = 1_000;
    let node = app::start(&settings, Roles { web: true, writer: false, rounds: false }).await.expect("starts");
    (house, node)
}

/// Asks for the list and reads the first bytes of the answer.
async fn asked(house: &House, node: &Node) -> TcpStream {
    let (token, address) = (house.sign_in("supervisor").await, node.address.expect("an address"));
    let body = r#"{"kind":"skus","format":"csv","reason":"x","query":"L"}"#;
    let request = format!(
        "POST /api/v1/exports HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(address).await.expect("connects");
    stream.write_all(request.as_bytes()).await.expect("sends");
    let mut first = [0; 15];
    stream.read_exact(&mut first).await.expect("an answer");
    assert_eq!(&first, b"HTTP/1.1 200 OK");
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_line_gets_the_whole_file() {
    let (house, node) = long_list().await;
    let mut stream = asked(&house, &node).await;
    let begun = Instant::now();
    let (mut piece, mut file) = (vec![0; 256 * 1024], Vec::new());
    loop {
        let read = stream.read(&mut piece).await.expect("goes on");
        if read == 0 {
            break;
        }
        file.extend_from_slice(&piece[..read]);
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    assert!(begun.elapsed() > Duration::from_secs(2), "longer than anybody may be idle: {:?}", begun.elapsed());
    assert_eq!(file.windows(2).filter(|two| two == b"\"L").count(), ROWS);
    assert!(file.ends_with(b"0\r\n\r\n"), "the file came to its end");
    node.end().await;
    house.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_takes_nothing_of_a_file_is_not_waited_for() {
    let (house, node) = long_list().await;
    let mut stream = asked(&house, &node).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let mut rest = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut rest)).await;
    let whole = read.expect("the connection was ended").is_ok() && rest.ends_with(b"0\r\n\r\n");
    assert!(!whole, "{} bytes", rest.len());
    node.end().await;
    house.end().await;
}
