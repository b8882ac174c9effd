"""Answers an interactive video: the parameters of the action come at the top of the body, and each key of the response becomes a
variable in the video."""
import hmac
import json
import os
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API_KEY = os.environ["API_KEY"]
PRICES = {"A-17": 40, "B-2": 15}


class Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not hmac.compare_digest(API_KEY, self.headers.get("X-API-KEY", "")):
            return self.reply(403, {"message": "wrong key"})
        parameters = json.loads(body)
        sku, name = parameters["sku"], parameters["userName"]
        if sku not in PRICES:
            return self.reply(422, {"message": "no such product"})
        print(json.dumps(parameters, sort_keys=True), flush=True)
        self.reply(200, {
            "discountCode": f"SPRING-{PRICES[sku]}",
            "imageUrl": f"https://media.example/{sku}.jpg",
            "score": 85,
            "user": {"firstName": name, "userName": f"{name.lower()}.doe"},
        })

    def reply(self, status, data):
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
print("listening", server.server_address[1], flush=True)
server.serve_forever()
