internal import Foundations
internal import Glibc

/// A real PostgreSQL server of one test's own: a new cluster in a folder of its own, on a free port of 127.0.0.1 and on a
/// UNIX socket, with TLS under a certificate for `localhost` that it signed itself. SCRAM everywhere.
///
/// `@unchecked Sendable`: the process is touched while it is made, when it is stopped and when it goes.
public final class PostgresServer: @unchecked Sendable {
    public let port: Int
    /// Where the socket lies; every user may enter.
    public let socketFolder: String
    /// The certificate, which is its own authority.
    public let certificateFile: String
    public let user = "reader"
    public let password = "s3cret-of-the-reader"
    private let folder: String
    private var process: Launched?
    // A server refuses to run as root.
    private let demoted =
        geteuid() == 0 ? "/usr/bin/setpriv --reuid=65534 --regid=65534 --clear-groups" : "/usr/bin/env"

    private static let programs = "/usr/lib/postgresql/15/bin"
    public static let isThere = Files.exists(programs + "/postgres") && Files.exists("/usr/bin/psql")
    public static let absence = "no PostgreSQL 15 server: run scripts/setup"

    /// - Parameters:
    ///   - folder: a new folder; its owner removes it.
    ///   - sql: statements, each on one line, that fill the database `postgres` before the server starts.
    public init(folder: String, sql: [String]) throws {
        self.folder = folder
        socketFolder = folder
        certificateFile = folder + "/server.crt"
        port = try Self.freePort()
        try Files.makeFolder(folder)
        chmod(folder, 0o755)
        let statements =
            ["CREATE ROLE \(user) LOGIN PASSWORD '\(password)';", "GRANT pg_read_all_data TO \(user);"] + sql
        try Files.writeAtomically(Array((statements.joined(separator: "\n") + "\n").utf8), to: folder + "/fill.sql")
        let script = """
            set -e; umask 077; cd \(folder)
            openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=localhost -addext subjectAltName=DNS:localhost \
                -keyout server.key -out server.crt 2>/dev/null
            chmod 644 server.crt fill.sql; mkdir data; head -c 18 /dev/urandom | base64 >owner
            [ "$(id -u)" != 0 ] || chown -R 65534:65534 \(folder)
            \(demoted) \(Self.programs)/initdb -D data -U owner -A scram-sha-256 --pwfile=owner -E UTF8 \
                --locale=C -N
            \(demoted) \(Self.programs)/postgres --single -F -D data postgres <fill.sql | grep -i error && exit 1 || true
            """
        let made = try Launched(
            "/bin/bash", ["-c", script], environment: Self.environment, folder: folder,
            output: folder + "/setup"
        ).wait()
        guard made.status == 0 else {
            throw LaunchFailure(description: "no cluster: \(made.errText)\(made.outText.suffix(1000))")
        }
        try start()
    }

    private static let environment = ["PATH": "/usr/bin:/bin", "LANG": "C", "TZ": "UTC"]

    /// Starts the server, also once more after `stop`, on the same port.
    public func start() throws {
        unlink(folder + "/data/postmaster.pid")
        let settings = [
            "listen_addresses=127.0.0.1", "port=\(port)", "unix_socket_directories=\(folder)", "fsync=off",
            "shared_buffers=16MB", "max_connections=20", "ssl=on", "ssl_cert_file=\(folder)/server.crt",
            "ssl_key_file=\(folder)/server.key", "autovacuum=off", "timezone=UTC",
        ]
        let arguments =
            demoted.split(separator: " ").dropFirst().map(String.init)
            + [Self.programs + "/postgres", "-D", folder + "/data"]
        let process = try Launched(
            String(demoted.prefix { $0 != " " }), arguments + settings.flatMap { ["-c", $0] },
            environment: Self.environment, folder: folder, output: folder + "/server")
        self.process = process
        for _ in 0..<2000 where process.isRunning {
            if isReady { return }
            poll(nil, 0, 5)
        }
        let said = (try? Files.read(folder + "/server.err")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        throw LaunchFailure(description: "the PostgreSQL server did not start: \(said)")
    }

    deinit { stop() }

    /// Ends every connection at once and waits for the end of the server.
    public func stop() {
        guard let process, process.isRunning else { return }
        process.kill(SIGQUIT)
        _ = try? process.wait()
    }

    /// What `psql` prints for a statement: rows on lines, values with `|` between them, NULL as `∅`.
    public func rows(_ sql: String) throws -> [String] {
        let done = try Launched(
            "/usr/bin/psql",
            [
                "-X", "-q", "-A", "-t", "-P", "null=∅", "-h", "127.0.0.1", "-p", "\(port)", "-U", user, "-d",
                "postgres", "-c", sql,
            ],
            environment: ["PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PGPASSWORD": password, "PGSSLMODE": "disable"],
            folder: folder, output: folder + "/psql"
        ).wait()
        guard done.status == 0 else { throw LaunchFailure(description: "psql: \(done.errText)") }
        return done.outText.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
    }

    /// The last line of its lock file says so.
    private var isReady: Bool {
        let text = (try? Files.read(folder + "/data/postmaster.pid")).map { String(decoding: $0, as: UTF8.self) } ?? ""
        return text.split(separator: "\n").last?.hasPrefix("ready") == true
    }

    private static func freePort() throws -> Int {
        let number = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(number) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        let status = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(number, $0, size) == 0 ? getsockname(number, $0, &size) : -1
            }
        }
        guard status == 0 else { throw LaunchFailure(description: "no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
