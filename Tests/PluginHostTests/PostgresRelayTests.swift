import Columnar
import Foundations
import Glibc
import TestSupport
import Testing

@testable import PluginHost
@testable import Policy

extension `Processes` {
    @Suite(
        .serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner),
        .enabled(if: PostgresServer.isThere, Comment(rawValue: PostgresServer.absence)))
    struct `A connector of a PostgreSQL server` {
        let workshop: Workshop
        let server: PostgresServer

        static let rows = 20_000
        private static let tables = [
            "CREATE TABLE film (id bigint, title text, rate double precision, seen boolean, raw bytea, day date, at "
                + "timestamptz, price numeric(8,2), short smallint);",
            "INSERT INTO film VALUES (1, 'Straße', 1.5, true, '\\x00ff', '2000-02-29', '2024-05-06 07:08:09.123456Z', "
                + "12.50, -7), (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL), (-9007199254740993, '', -0.25, false, "
                + "'', '1969-12-31', '1969-12-31 23:59:59.999999Z', -0.01, 32767);",
            "CREATE TABLE many AS SELECT g AS id, md5(g::text) || repeat('é', g % 50) AS word FROM "
                + "generate_series(1, \(rows)) g;",
            "CREATE VIEW endless AS SELECT g AS id, repeat('x', 1000) AS pad FROM generate_series(1, 1000000) g;",
            "CREATE VIEW slow AS SELECT 1::bigint AS id, pg_sleep(60)::text AS word;",
        ]

        /// One for all tests that leave it as it is; it ends with the tests.
        private static let shared: Result<PostgresServer, any Error> = Result {
            atexit {
                try? shared.get().stop()
                removeTree("/tmp/sluice-postgres-\(getpid())")
            }
            return try PostgresServer(folder: "/tmp/sluice-postgres-\(getpid())", sql: tables)
        }

        init() throws {
            workshop = try Workshop()
            chmod(workshop.folder, 0o755)
            server = try Self.shared.get()
        }

        /// Compiled once, removed when the tests end.
        private static let library: Result<String, any Error> = Result {
            atexit { unlink("/tmp/sluice-postgres-connector-\(getpid()).so") }
            let path = "/tmp/sluice-postgres-connector-\(getpid()).so"
            let kit = Workshop.repository + "/SDK/C"
            try run(
                "gcc -shared -fPIC -O1 -std=gnu11 -I\(Workshop.repository)/SDK/include -I\(kit)/include "
                    + "-I$(pg_config --includedir) -Wl,-z,nodelete -o \(path) "
                    + "\(Workshop.repository)/Tests/Fixtures/postgres_connector.c \(kit)/*.c -lpq -lm")
            return path
        }

        private func plugin(relay: JSON? = ["protocols": ["postgres"]], wall: Double = 30) throws -> InstalledPlugin {
            let name = "postgres_connector"
            try Files.writeAtomically(try Files.read(Self.library.get()), to: workshop.folder + "/\(name).so")
            return try workshop.install(
                name, id: "fixture." + name, kind: .connector, wall: wall, companions: [], relay: relay)
        }

        private func target(
            _ encryption: RelayTarget.Encryption = .none, password: String? = nil, host: String = "127.0.0.1"
        ) -> RelayTarget {
            RelayTarget(
                at: .tcp(host: host, port: server.port), database: "postgres", user: server.user,
                password: password ?? server.password, encryption: encryption)
        }

        private func session(_ target: RelayTarget, config: JSON = [:]) throws -> ConnectorSession {
            try ConnectorSession(
                try plugin(), streams: [], relay: target, config: config, settings: workshop.settings,
                permit: permit(.readSourceMetadata))
        }

        private func words(_ session: ConnectorSession, batchRows: Int = 3000) throws -> [String] {
            var lines: [String] = []
            try session.scan(table: "public.many", batchRows: batchRows, permit: permit(.migrate)) {
                (batch) throws(SluiceError) in
                batch.columns[0].withView { ids in
                    batch.columns[1].withView { words in
                        for row in 0..<batch.rowCount { lines.append("\(ids.int64(row))|\(words.text(row) ?? "∅")") }
                    }
                }
            }
            return lines
        }

        @Test func `reads what the server's own client reads, byte for byte`() throws {
            let expected = try server.rows("SELECT id, word FROM many")
            #expect(expected.count == Self.rows)
            let places: [(String, RelayTarget)] = [
                ("SCRAM over TCP", target()), ("TLS", target(.required)),
                (
                    "TLS with the name checked",
                    target(.verified(authorities: server.certificateFile), host: "localhost")
                ),
                (
                    "a UNIX socket",
                    RelayTarget(
                        at: .unix(folder: server.socketFolder, port: server.port), database: "postgres",
                        user: server.user, password: server.password)
                ),
            ]
            #expect(places.count == 4)
            for ((what, target), tls) in zip(places, ["off", "unverified", "verified", "off"]) {
                let session = try session(target)
                #expect(session.process.databaseTLS == tls, "\(what)")
                #expect(try session.inventory() == ["public.film", "public.many"], "\(what)")
                #expect(try words(session) == expected, "\(what)")
                session.stop()
            }
            #expect(workshop.survivors() == [])
        }

        @Test func `reads every type as itself`() throws {
            let session = try session(target())
            let (schema, details) = try session.schema(table: "public.film")
            #expect(details == ["format": "postgres"])
            #expect(schema.fields.map(\.name) == ["id", "title", "rate", "seen", "raw", "day", "at", "price", "short"])
            var seen: [[String]] = []
            try session.scan(table: "public.film", permit: permit(.migrate)) { (batch) throws(SluiceError) in
                for row in 0..<batch.rowCount { seen.append(batch.columns.map { Self.shown($0, row) }) }
            }
            #expect(
                seen == [
                    ["1", "Straße", "1.5", "true", "00ff", "11016", "1714979289123456", "12.50", "-7"],
                    Array(repeating: "∅", count: 9).with("2", at: 0),
                    ["-9007199254740993", "", "-0.25", "false", "", "-1", "-1", "-0.01", "32767"],
                ])
        }

        private static func shown(_ column: Column, _ row: Int) -> String {
            column.withView { view in
                guard view.isValid(row) else { return "∅" }
                switch column.type {
                case .int64, .timestamp, .decimal: return String(view.int64(row))
                case .float64: return String(view.float64(row))
                case .bool: return String(view.bool(row))
                case .date: return String(view.date(row))
                case .binary:
                    return view.bytes(row).map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
                default: return view.text(row) ?? ""
                }
            }
        }

        @Test func `has the libraries of libpq in a private root and every layer in force`() throws {
            let session = try session(target(.required))
            let names = Set(session.process.libraries.map(\.name))
            for library in ["libpq.so.5", "libssl.so.3", "libcrypto.so.3", "libgssapi_krb5.so.2", "libldap-2.5.so.0"] {
                #expect(names.contains(library), "\(library)")
            }
            #expect(session.process.activeLayers.contains(.seccomp) && session.process.activeLayers.contains(.landlock))
            if Workshop.hasNamespaces { #expect(session.process.activeLayers == IsolationLayer.allCases) }
            #expect(session.process.manifest.language == .c)
        }

        @Test func `gets one connection and no second one`() throws {
            var lines: [PluginLogLine] = []
            let plugin = try plugin()
            let error = failure {
                _ = try ConnectorSession(
                    plugin, streams: [], relay: target(), config: ["second": true], settings: workshop.settings,
                    permit: permit(.readSourceMetadata),
                    onLog: { lines.append($0) })
            }
            #expect(error?.detail == "plugin.failed")
            #expect(error?.message.contains("already connected") == true, "\(error?.message ?? "")")
            #expect(lines.map(\.message).contains { $0.contains("a second connection was asked for") }, "\(lines)")
            #expect(workshop.survivors() == [])
        }

        @Test func `fails as something that passes when the server goes away in the middle`() throws {
            let server = try PostgresServer(folder: workshop.folder + "/pg", sql: Self.tables)
            let place = RelayTarget.Place.tcp(host: "127.0.0.1", port: server.port)
            let session = try session(
                RelayTarget(
                    at: place, database: "postgres", user: server.user, password: server.password, encryption: .none))
            var batches = 0
            let error = failure {
                try session.scan(table: "public.endless", batchRows: 100, permit: permit(.migrate)) { _ in
                    batches += 1
                    if batches == 3 { server.stop() }
                }
            }
            #expect(error?.code == .transientError, "\(error?.message ?? "")")
            #expect(error?.message.contains("cannot be read on") == true, "\(error?.message ?? "")")
            #expect(batches >= 3 && batches < 10_000)
            // There is nobody to connect to, and it is said so; then there is.
            for _ in 0..<2 {
                let gone = failure { _ = try session.inventory() }
                #expect(gone?.detail == "relay.unreachable", "\(gone?.message ?? "")")
                #expect(workshop.survivors() == [])
            }
            try server.start()
            #expect(try words(session).count == Self.rows)
            session.stop()
            #expect(failure { _ = try session.inventory() }?.detail == "plugin.crashed")
            #expect(workshop.survivors() == [])
        }

        @Test func `is stopped at its deadline while it waits for the server`() throws {
            let slow = try ConnectorSession(
                try plugin(wall: 1), streams: [], relay: target(), settings: workshop.settings,
                permit: permit(.readSourceMetadata))
            let late = failure { try slow.scan(table: "public.slow", permit: permit(.migrate)) { _ in } }
            #expect(late?.detail == "plugin.timeout")
            #expect(workshop.survivors() == [])
        }

        @Test func `reads again after a scan was cut, by a new process with a connection of its own`() throws {
            let expected = try server.rows("SELECT id, word FROM many")
            var lines: [String] = []
            let session = try ConnectorSession(
                try plugin(), streams: [], relay: target(), settings: workshop.settings,
                permit: permit(.readSourceMetadata),
                onLog: { lines.append($0.message) })
            let stop = SluiceError(.interrupted, "Enough.")
            var processes: Set<Int32> = []
            for _ in 0..<3 {
                let stopped = failure {
                    try session.scan(table: "public.endless", batchRows: 100, permit: permit(.migrate)) {
                        (_) throws(SluiceError) in throw stop
                    }
                }
                #expect(stopped == stop)
                processes.insert(session.process.processID)
                #expect(try words(session) == expected)
                #expect(try session.inventory() == ["public.film", "public.many"])
            }
            #expect(processes.count == 3)
            #expect(workshop.survivors(expected: 3).count <= 3, "one runner, and the two that watch it")
            // An error that stays costs no connection.
            let last = session.process.processID
            let missing = failure { _ = try session.schema(table: "public.none") }
            #expect(missing?.code == .deterministicFailure, "\(missing?.message ?? "")")
            #expect(try words(session) == expected)
            #expect(session.process.processID == last)
            session.stop()
            #expect(workshop.survivors() == [])
            #expect(lines == [])
        }

        @Test func `that may not sign in says so without the password`() throws {
            let wrong = "a-wrong-word-indeed"
            let plugin = try plugin()
            var lines: [PluginLogLine] = []
            let error = failure {
                _ = try ConnectorSession(
                    plugin, streams: [], relay: target(password: wrong), settings: workshop.settings,
                    permit: permit(.readSourceMetadata),
                    onLog: { lines.append($0) })
            }
            #expect(error?.message.contains("password authentication failed for user \"reader\"") == true)
            #expect(error?.message.contains(wrong) == false && error?.hint.contains(wrong) == false)
            #expect(!lines.contains { $0.message.contains(wrong) })
            // A plugin that repeats it all the same is cut: the database's name stands in the server's message.
            let loud = failure {
                let place = RelayTarget.Place.tcp(host: "127.0.0.1", port: server.port)
                _ = try ConnectorSession(
                    plugin, streams: [],
                    relay: RelayTarget(
                        at: place, database: server.password, user: server.user, password: server.password,
                        encryption: .none), settings: workshop.settings, permit: permit(.readSourceMetadata))
            }
            #expect(loud?.message.contains("database \"[secret]\" does not exist") == true, "\(loud?.message ?? "")")
        }

        @Test func `is handed nothing unless its manifest asks, and asks for nothing in vain`() throws {
            let plain = try plugin(relay: nil)
            let denied = failure {
                _ = try ConnectorSession(
                    plain, streams: [], relay: target(), settings: workshop.settings,
                    permit: permit(.readSourceMetadata))
            }
            #expect(denied?.detail == "relay.denied")
            let missing = failure {
                _ = try ConnectorSession(
                    try plugin(), streams: [], settings: workshop.settings, permit: permit(.readSourceMetadata))
            }
            #expect(missing?.detail == "relay.missing")
            #expect(missing?.message.contains("reads a postgres database, and none was named") == true)
            // Without a relay and with a configuration all the same, there is no socket to be had.
            let alone = failure {
                _ = try ConnectorSession(
                    plain, streams: [],
                    config: ["relay": ["hostaddr": "127.0.0.1", "port": JSON(server.port), "user": "reader"]],
                    settings: workshop.settings, permit: permit(.readSourceMetadata))
            }
            #expect(alone?.message.contains("could not create socket: Operation not permitted") == true)
        }
    }
}

extension Array where Element == String {
    fileprivate func with(_ element: String, at place: Int) -> [String] {
        var copy = self
        copy[place] = element
        return copy
    }
}
