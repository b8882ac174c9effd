"""Takes notifications of a video platform that signs the POST body with a key of our choice and says in `eventName` what it is."""
import hashlib
import hmac
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

SECRET_KEY = os.environ["SECRET_KEY"]
# The documentation names neither of these.
SIGNATURE_HEADER = os.environ["SIGNATURE_HEADER"]
DIGEST = getattr(hashlib, os.environ["DIGEST"])


def played(event):
    session = event["VideoPlayedSessions"]
    return {
        "video": session["media"]["videoId"],
        "name": session["media"]["name"],
        "seconds": session["media"]["duration"] * session["percentagePlayed"] / 100,
        "who": session.get("email", "somebody"),
    }


def created(event):
    media = event["VideoCreated"]["media"]
    metadata = event["metadata"]
    return {
        "video": media["videoId"],
        "watch": media["shareUrl"],
        "account": int(metadata["account_id"]),
        "by": metadata["created_by"],
    }


def cta(event):
    click = event["VideoCTA"]
    return {"video": click["media"]["videoId"], "to": click["ctaUrl"], "who": click.get("email")}


def lead(event):
    contact = event["VideoLeadGenaration"]
    return {
        "name": f"{contact['firstName']} {contact['lastName']}",
        "email": contact["email"],
        "phone": contact["phone"],
        "video": contact["media"]["name"],
    }


def annotation(event):
    payload = event["payload"]
    return {
        "video": payload["VideoAnnotation"]["videoId"],
        "text": payload["annotationText"],
        "to": payload["annotationUrl"],
        "at": payload["annotationClickedTime"],
        "who": payload.get("email"),
    }


EVENTS = {
    "VideoPlayedSessions": played,
    "VideoCreated": created,
    "VideoCTA": cta,
    "VideoLeadGenaration": lead,
    "VideoAnnotation": annotation,
}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        expected = hmac.new(SECRET_KEY.encode(), body, DIGEST).hexdigest()
        if not hmac.compare_digest(expected, self.headers.get(SIGNATURE_HEADER, "")):
            return self.reply(401)
        event = json.loads(body)
        handle = EVENTS.get(event["eventName"])
        if handle is None:
            return self.reply(422)
        taken = {"uuid": event["hook"]["uuid"], "ms": int(event["eventTimestamp"]), event["eventName"]: handle(event)}
        print(json.dumps(taken), flush=True)
        self.reply(200)

    def reply(self, status):
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
