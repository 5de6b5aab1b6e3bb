"""As much of SPDY/3.1 as the streams of `kubectl exec` take, from the side of a kubelet: what a client opens is answered, and written to."""
import struct
import zlib

_WORDS = ("options head post put delete trace accept accept-charset accept-encoding accept-language accept-ranges age allow authorization cache-control connection "
          "content-base content-encoding content-language content-length content-location content-md5 content-range content-type date etag expect expires from host "
          "if-match if-modified-since if-none-match if-range if-unmodified-since last-modified location max-forwards pragma proxy-authenticate proxy-authorization "
          "range referer retry-after server te trailer transfer-encoding upgrade user-agent vary via warning www-authenticate method get status 200_OK version HTTP/1.1 "
          "url public set-cookie keep-alive origin")
_NUMBERS = "100101201202205206300302303304305306307402405406407408409410411412413414415416417502504505"
_PHRASES = ("203 Non-Authoritative Information204 No Content301 Moved Permanently400 Bad Request401 Unauthorized403 Forbidden404 Not Found500 Internal Server Error"
            "501 Not Implemented503 Service UnavailableJan Feb Mar Apr May Jun Jul Aug Sept Oct Nov Dec 00:00:00 Mon, Tue, Wed, Thu, Fri, Sat, Sun, GMTchunked,"
            "text/html,image/png,image/jpg,image/gif,application/xml,application/xhtml+xml,text/plain,text/javascript,publicprivatemax-age=gzip,deflate,sdch"
            "charset=utf-8charset=iso-8859-1,utf-,*,enq=0.")
# draft-mbelshe-httpbis-spdy-00, 2.6.10.1
DICTIONARY = b"".join(struct.pack(">I", len(word)) + word.replace("_", " ").encode() for word in _WORDS.split()) + (_NUMBERS + _PHRASES).encode()

SYN_STREAM, SYN_REPLY, RST_STREAM, SETTINGS, PING, GOAWAY, HEADERS, WINDOW_UPDATE = 1, 2, 3, 4, 6, 7, 8, 9
FIN = 1


class Connection:
    """Over two files of a socket. `streams` becomes {streamtype: number}."""

    def __init__(self, reader, writer):
        self.reader, self.writer, self.streams = reader, writer, {}
        self.inflate, self.deflate = zlib.decompressobj(zdict=DICTIONARY), zlib.compressobj(zdict=DICTIONARY)

    def _headers(self, block):
        data = self.inflate.decompress(block)
        (count,), at, found = struct.unpack_from(">I", data), 4, {}
        for _ in range(count):
            words = []
            for _ in range(2):
                (size,) = struct.unpack_from(">I", data, at)
                words.append(data[at + 4:at + 4 + size].decode())
                at += 4 + size
            found[words[0].lower()] = words[1]
        return found

    def _control(self, kind, flags, body):
        self.writer.write(struct.pack(">HHI", 0x8003, kind, flags << 24 | len(body)) + body)
        self.writer.flush()

    def read(self):
        """One frame; False at the end."""
        head = self.reader.read(8)
        if len(head) < 8:
            return False
        first, second = struct.unpack(">II", head)
        body = self.reader.read(second & 0xFFFFFF)
        if first & 0x80000000 and first & 0xFFFF == SYN_STREAM:
            number = struct.unpack_from(">I", body)[0] & 0x7FFFFFFF
            self.streams[self._headers(body[10:])["streamtype"]] = number
            block = self.deflate.compress(struct.pack(">I", 0)) + self.deflate.flush(zlib.Z_SYNC_FLUSH)
            self._control(SYN_REPLY, 0, struct.pack(">I", number) + block)
        elif first & 0x80000000 and first & 0xFFFF == PING:
            self._control(PING, 0, body)
        elif first & 0x80000000 and first & 0xFFFF == GOAWAY:
            return False
        return True

    def write(self, kind, data):
        """All that a stream gives, and its end."""
        self.writer.write(struct.pack(">II", self.streams[kind], FIN << 24 | len(data)) + data)
        self.writer.flush()
