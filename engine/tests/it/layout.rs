//! Pages of texts, pictures, containers and tabs.

use engine::catalog::Directory;
use model::{Block, Code, ElementKind, PageView, Principal, Words};

use crate::world::{WORKBOOK, World, ada, on_every_engine, person, wendy};

on_every_engine!(a_text_says_what_its_reader_may_know, what_holds_nothing_for_a_person_is_not_there);

const PAGE: &str = "
  - title: Two
    elements:
      - { image: logo, file: logo.svg, alt: Our logo }
      - text: said
        source: orders
        markdown: |
          # Sold
          **{revenue}** and {sum(sales) / 2}; again {revenue}.
      - { text: still, markdown: Nothing asked. }
      - container: box
        title: Box
        width: 6
        elements:
          - { text: chairs, source: orders, markdown: \"{count(distinct product)} products\" }
          - tabs: ways
            panes:
              - { title: A, elements: [{ kpi: products, source: orders, measure: count(distinct product) }] }
              - { title: B, elements: [{ kpi: lines, source: orders, measure: count(*) }] }
      - container: secret
        elements: [{ kpi: products_too, source: orders, measure: count(distinct product) }]
      - { control: by_region, type: list, source: orders, column: region, targets: [said, lines] }
";

async fn laid_out(world: World) -> World {
    let folder = world.folder.path();
    let text = std::fs::read_to_string(folder.join("plan.yaml")).unwrap();
    std::fs::write(folder.join("plan.yaml"), format!("{text}{PAGE}")).unwrap();
    std::fs::write(folder.join("logo.svg"), "<svg xmlns='http://www.w3.org/2000/svg'/>").unwrap();
    world.engine.reload(&Directory(folder.to_owned())).await.unwrap();
    world
}

async fn page(world: &World, who: &Principal) -> PageView {
    world.engine.view(who, "plan", "req-1").await.unwrap().pages[1].clone()
}

async fn a_text_says_what_its_reader_may_know(world: World) {
    let world = laid_out(world).await;
    let own = world.query(&wendy(), "said").await.unwrap();
    assert_eq!(own.rows[0][0], world.query(&wendy(), "revenue").await.unwrap().rows[0][0]);
    assert_eq!(own.rows[0].len(), 2, "what is said twice is asked once");
    let all = world.query(&ada(), "said").await.unwrap();
    assert_eq!(all.rows[0][0], world.query(&ada(), "revenue").await.unwrap().rows[0][0]);
    assert_ne!(all.rows[0][0], own.rows[0][0]);
    assert_eq!(world.query(&wendy(), "still").await.unwrap_err().code, Code::NotFound, "there is nothing to ask");
    let view = world.engine.view(&wendy(), "plan", "req-1").await.unwrap();
    let ElementKind::Text(text) = &view.element("said").unwrap().kind else { panic!("a text") };
    let model::TextPart::Paragraph { words } = &text.parts[1] else { panic!("a paragraph") };
    assert_eq!(words[0], Words::Strong { words: vec![Words::Value { column: 0 }] });
    assert!(text.asks && view.element("said").unwrap().asks() && !view.element("still").unwrap().asks());
    assert_eq!(view.element("said").unwrap().controls, ["by_region"]);
}

async fn what_holds_nothing_for_a_person_is_not_there(world: World) {
    let world = laid_out(world).await;
    let whole = page(&world, &wendy()).await;
    assert_eq!(Block::first_shown(&whole.layout), ["logo", "said", "still", "chairs", "products", "products_too", "by_region"]);
    // For a temp there are no products.
    let temp = person("tom", Some("West"), &["temp"]);
    let left = page(&world, &temp).await;
    assert_eq!(Block::first_shown(&left.layout), ["logo", "said", "still", "lines", "by_region"]);
    assert!(!serde_json::to_string(&left).unwrap().contains("secret"), "not even the name of the box");
}

#[tokio::test]
async fn a_picture_is_served_by_what_is_in_it_and_its_change_is_a_change_of_the_workbook() {
    let world = laid_out(World::new().await).await;
    let path = |page: PageView| match &page.elements[0].kind {
        ElementKind::Image(image) => image.path.strip_prefix("/pictures/").unwrap().to_owned(),
        _ => panic!("an image"),
    };
    let before = world.engine.view(&wendy(), "plan", "req-1").await.unwrap();
    let name = path(before.pages[1].clone());
    let picture = world.engine.picture(&name).unwrap();
    assert_eq!((picture.ty, picture.bytes.starts_with(b"<svg")), ("image/svg+xml", true));
    assert!(world.engine.picture("plan.yaml").is_none() && world.engine.picture("logo.svg").is_none());
    let store = Directory(world.folder.path().to_owned());
    let stamps = store.stamps().unwrap();
    std::fs::write(world.folder.path().join("logo.svg"), "<svg xmlns='http://www.w3.org/2000/svg'><g/></svg>").unwrap();
    assert_ne!(store.stamps().unwrap(), stamps);
    world.engine.reload(&store).await.unwrap();
    let after = world.engine.view(&wendy(), "plan", "req-1").await.unwrap();
    assert_ne!((&after.revision, &path(after.pages[1].clone())), (&before.revision, &name));
    assert!(world.engine.picture(&name).is_none());
}

#[tokio::test]
async fn what_makes_no_page_is_told() {
    let world = World::new().await;
    let deep = "{ container: c1, elements: [{ container: c2, elements: [{ container: c3, elements: [{ container: c4, elements: [{ container: c5, elements: [{ text: deep, markdown: x }] }] }] }] }] }";
    let elements = [
        ("{ text: t1, markdown: \"{revenue}\" }", "`{revenue}` is measured of a `source`, which this text does not name"),
        ("{ text: t2, source: orders, markdown: \"{revenu}\" }", "there is no measure `revenu`"),
        (
            "{ text: t3, source: orders, markdown: \"{rank(revenue)}\" }",
            "this is set beside other marks of a chart; a text has one",
        ),
        ("{ text: t4, markdown: \"a <b>b</b>\" }", "a text has no HTML; a `<` that is meant is written `\\<`"),
        (
            "{ text: t5, markdown: \"[a](javascript:x)\" }",
            "a link goes to an address that begins with `https:`, `http:` or `mailto:`, not to `javascript:x`",
        ),
        ("{ text: t6, markdown: \"a { b\" }", "a `{` begins a value, and this one has no end; a brace itself is `{{`"),
        ("{ image: i1, file: ../secret.png, alt: '' }", "this is the name of a file beside the workbook"),
        ("{ image: i2, file: none.png, alt: '' }", "there is no file `none.png` beside the workbook"),
        ("{ image: i3, file: plan.yaml, alt: '' }", "`plan.yaml` is not a PNG, JPEG, GIF, WebP or SVG file"),
        ("{ image: i4, file: x.png }", "missing field `alt`"),
        ("{ container: empty, elements: [] }", "there is nothing in it"),
        ("{ tabs: none, panes: [] }", "there is nothing in it"),
        ("{ container: wide, width: 13, elements: [{ text: t7, markdown: x }] }", "`width` is 1 to 12 columns"),
        ("{ container: revenue, elements: [{ text: t8, markdown: x }] }", "element `revenue` is there twice"),
        ("{ chart: low, type: bar, source: orders, x: state, y: [revenue], height: 20 }", "`height` is 120 to 2000 pixels"),
        (
            "{ tabs: inner, panes: [{ title: A, elements: [{ kpi: inner_kpi, source: order, measure: x }] }] }",
            "there is no source or input table `order`",
        ),
        (deep, "containers and tabs are at most 4 deep in each other"),
        ("{ control: c, type: list, source: orders, column: state, targets: [t4] }", "`t4` shows no rows that could be filtered"),
    ];
    let list: String = elements.iter().map(|(element, _)| format!("      - {element}\n")).collect();
    let text = format!("{WORKBOOK}  - title: Two\n    elements:\n{list}");
    let first = text.lines().position(|line| line.contains("text: t1")).unwrap() + 1;
    let expect: Vec<String> = elements.iter().enumerate().map(|(i, (_, told))| format!("{}: {told}", first + i)).collect();
    assert_eq!(world.mistakes(&text).await, expect);
}
