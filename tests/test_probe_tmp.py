import asyncio
def test_app(app_url, browser):
    page = browser.new_page()
    page.goto(app_url)
    page.wait_for_selector("[data-testid=stApp][data-test-script-state=notRunning]", timeout=60000)
    print(page.title(), page.inner_text("body")[:200])
    assert page.evaluate("!!document.createElement('canvas').getContext('webgl2')")
    page.close()
def test_store(store, sentences):
    assert len(sentences) > 50
    asyncio.run(asyncio.sleep(0))
