"""The contact API of a CRM: contacts are made or changed by their e-mail, with properties that it has, and texts in them."""
import hmac
import json
import os
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = os.environ["ACCESS_TOKEN"]
PROPERTIES = {"email", "firstname", "lastname", "phone", "company", "lead_video", "lead_time"}
contacts = {}


def fault(request):
    """What is wrong with a request, if anything is."""
    if set(request) != {"inputs"} or not 1 <= len(request["inputs"]) <= 100:
        return "from 1 to 100 inputs are wanted"
    for contact in request["inputs"]:
        if set(contact) != {"id", "idProperty", "properties"} or contact["idProperty"] != "email":
            return "an input has an id, the property that it is of, and properties"
        if not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", contact["id"]):
            return "this is no e-mail"
        if not set(contact["properties"]) <= PROPERTIES:
            return "there is no such property"
        if not all(isinstance(value, str) for value in contact["properties"].values()):
            return "values of properties are texts"
    return None


class Api(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.path != "/crm/v3/objects/contacts/batch/upsert":
            return self.reply(404, {"status": "error", "message": "there is no such resource"})
        if not hmac.compare_digest(f"Bearer {TOKEN}", self.headers.get("Authorization", "")):
            return self.reply(401, {"status": "error", "category": "INVALID_AUTHENTICATION"})
        try:
            request = json.loads(body)
            message = fault(request)
        except (ValueError, KeyError, TypeError) as error:
            message = str(error)
        if message:
            return self.reply(400, {"status": "error", "category": "VALIDATION_ERROR", "message": message})
        results = []
        for contact in request["inputs"]:
            is_new = contact["id"] not in contacts
            contacts.setdefault(contact["id"], {}).update(contact["properties"])
            results.append({"id": str(list(contacts).index(contact["id"]) + 1), "new": is_new})
            print(json.dumps({"new": is_new, **contacts[contact["id"]]}, sort_keys=True), flush=True)
        self.reply(200, {"status": "COMPLETE", "results": results})

    def reply(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
