from django.db import connection
from django.test import Client, RequestFactory

from tests.doors.portal.conftest import shown


def browser() -> Client:
    return Client(SERVER_NAME="localhost")


def test_a_process_that_serves_is_live(database):
    assert browser().get("/health/live").json() == {"status": "live"}


def test_a_migrated_database_is_ready(database):
    response = browser().get("/health/ready")
    assert response.status_code == 200
    assert response.json() == {"status": "ready", "database": True, "migrations": True}


def test_a_migration_not_applied_is_not_ready(database):
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE django_migrations SET name = name || '_' "
            "WHERE app = 'store' AND name = (SELECT max(name) FROM django_migrations WHERE app = 'store')"
        )
    try:
        response = browser().get("/health/ready")
    finally:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE django_migrations SET name = rtrim(name, '_') WHERE app = 'store'")
    assert response.status_code == 503
    assert response.json() == {"status": "not ready", "database": True, "migrations": False}


def test_an_address_that_names_nothing_gets_a_page_with_a_way_back(database):
    response = browser().get("/nowhere/")
    assert response.status_code == 404
    assert "Go to Home" in shown(response)


def test_an_address_that_only_lacks_the_slash_at_its_end_leads_to_its_page(database):
    whole = Client().get("/campaigns?before=3", headers={"accept": "text/html"})
    assert (whole.status_code, whole["Location"]) == (301, "/campaigns/?before=3")
    assert Client().get("/nowhere").status_code == 404
    assert Client().post("/campaigns").status_code == 404


def test_a_bug_gets_a_page_that_asks_the_database_nothing(database):
    from safelaunch.interfaces.portal.pages.problems import broken

    response = broken(RequestFactory().get("/"))
    assert response.status_code == 500
    assert "Nothing was changed" in shown(response)
