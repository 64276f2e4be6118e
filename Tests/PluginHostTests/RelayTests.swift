import Contracts
import Foundations
import Glibc
import TestSupport
import Testing

@testable import Egress
@testable import PluginHost
@testable import Policy

/// Answers as a name server would that is asked more than once, and counts how often it is.
private final class CountingResolver: HostResolver, @unchecked Sendable {
    private let answers: [IPAddress]
    private(set) var asked: [String] = []

    init(_ answers: [String]) { self.answers = answers.compactMap { IPAddress($0) } }

    func addresses(of host: String) throws(SluiceError) -> [IPAddress] {
        asked.append(host)
        return answers
    }
}

@Suite struct `A relay's target` {
    private func target(_ uri: String, user: String? = nil) throws -> RelayTarget {
        try RelayTarget(DataLocation(uri: uri), user: user)
    }

    @Test func `is read from a location`() throws {
        let cases: [(String, String, Int, String, String)] = [
            ("postgres://ann@db.example:6432/sales#public.film", "db.example", 6432, "ann", "sales"),
            ("postgres://ann@db.example/sales#t", "db.example", 5432, "ann", "sales"),
            ("postgres://ann@[2001:db8::1]:6000/sales", "2001:db8::1", 6000, "ann", "sales"),
            ("postgres://ann@[::1]/sales", "::1", 5432, "ann", "sales"),
        ]
        for (uri, host, port, user, database) in cases {
            let found = try target(uri)
            #expect(found.place == .tcp(host: host, port: port), "\(uri)")
            #expect(found.user == user && found.database == database, "\(uri)")
        }
        #expect(try target("postgres://h/d", user: "bob").user == "bob")
        for uri in [
            "postgres://h/d", "postgres://@h/d", "postgres://a@h", "postgres://a@/d", "postgres://a@h:0/d",
            "postgres://a@h:x/d", "postgres://a@h:1:2/d", "postgres://a@h/d/e", "postgres://a@h/d?x=1",
            "postgres:a@h/d", "postgres://a@[::1/d", "csv:x",
        ] {
            #expect(failure { _ = try target(uri) }?.detail == "location.invalid", "\(uri)")
        }
    }

    @Test func `shows no password`() {
        let shown = RelayTarget(
            at: .tcp(host: "db", port: 1), database: "d", user: "u", password: "hidden-word", encryption: .none)
        #expect("\(shown)" == "postgres://db:1/d")
        #expect(!String(reflecting: shown).contains("hidden-word"))
        var dumped = ""
        dump(shown, to: &dumped)
        #expect(!dumped.contains("hidden-word"), "\(dumped)")
    }

    @Test func `is connected to by the one answer that its name had`() throws {
        let listener = try Listener()
        let resolver = CountingResolver(["127.0.0.2", "127.0.0.1"])
        let channel = try RelayChannel(
            RelayTarget(
                at: .tcp(host: "db.example", port: listener.port), database: "d", user: "u", password: "pass-word"),
            resolver: resolver, clock: Context.system.monotonic)
        #expect(resolver.asked == ["db.example"])
        // 127.0.0.2 refused; what the plugin is told is where the connection leads.
        #expect(
            channel.configuration == [
                "protocol": "postgres", "host": "db.example", "hostaddr": "127.0.0.1", "port": JSON(listener.port),
                "database": "d", "user": "u", "password": "pass-word", "tls": "require",
            ])
        #expect(channel.handed.added(to: ["mode": "x", "relay": 1])["relay"] == channel.configuration)
        #expect(channel.handed.hide("it is pass-word, pass-word") == "it is [secret], [secret]")
        #expect(fcntl(channel.connection.number, F_GETFL) & O_NONBLOCK == 0, "the runner's library sets that itself")
        let literal = CountingResolver([])
        _ = try RelayChannel(
            RelayTarget(at: .tcp(host: "127.0.0.1", port: listener.port), database: "d", user: "u"), resolver: literal,
            clock: Context.system.monotonic)
        #expect(literal.asked == [], "an address needs no look-up")
    }

    private func channel(_ password: String) throws -> RelayChannel {
        let listener = try Listener()
        return try RelayChannel(
            RelayTarget(at: .tcp(host: "127.0.0.1", port: listener.port), database: "d", user: "u", password: password),
            clock: Context.system.monotonic)
    }

    @Test func `has its password hidden in every common spelling`() throws {
        let handed = try channel("päss/w\"rd+1😀").handed
        for spelled in [
            "päss/w\"rd+1😀", #"päss\/w\"rd+1😀"#, "p%C3%A4ss%2Fw%22rd%2B1%F0%9F%98%80",
            #"p\u00e4ss/w\u0022rd+1\uD83D\uDE00"#, #"p\\u00E4ss/w\\\"rd+1\\uD83D\\uDE00"#,
            "p&#228;ss/w&quot;rd+1&#x1F600;", "p&#xe4;ss&sol;w&#34;rd&plus;1😀",
        ] {
            #expect(handed.hide("(\(spelled))") == "([secret])", "\(spelled)")
            #expect(handed.line("it is \(spelled)!") == "it is [secret]!", "\(spelled)")
        }
        #expect(handed.hide("cMOkc3MvdyJyZCsx8J+YgA==") == "[secret]==")
        for other in [#"p\u00e5ss/w"rd+1😀"#, #"päss/w"rd+1\uD83D\uDE01"#, #"p\u00e4ss/w"rd+1\uD83D"#, "päss", ""] {
            #expect(handed.hide(other) == other)
        }
        // What a line leaves out does not part it.
        #expect(handed.line("p\u{200b}äss/w\u{1b}\"rd+1😀") == "[secret]")
        // One too short for base64, and none.
        #expect(try channel("ab").handed.hide("abc YWI= %61b aB") == "[secret]c YWI= [secret] aB")
        #expect(try channel("").handed.hide("as it is") == "as it is")
    }

    @Test func `leads to no address at which no database can be`() throws {
        for host in [
            "169.254.169.254", "fe80::1", "0.0.0.0", "::", "224.0.0.1", "255.255.255.255", "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "ff02::1",
        ] {
            for (name, resolver) in [(host, CountingResolver([])), ("db.example", CountingResolver([host]))] {
                let error = failure {
                    _ = try RelayChannel(
                        RelayTarget(at: .tcp(host: name, port: 1), database: "d", user: "u"), resolver: resolver,
                        clock: Context.system.monotonic)
                }
                let message = error?.message ?? ""
                #expect(error?.detail == "relay.address" && error?.code == .policyBlock, "\(host): \(message)")
                #expect(error?.message.contains(name) == true)
            }
        }
        // Private networks and this machine are where databases are. A name that leads there too is led there alone.
        let listener = try Listener()
        let channel = try RelayChannel(
            RelayTarget(at: .tcp(host: "db.example", port: listener.port), database: "d", user: "u"),
            resolver: CountingResolver(["169.254.169.254", "fe80::1", "127.0.0.1"]), clock: Context.system.monotonic)
        #expect(channel.configuration["hostaddr"] == "127.0.0.1")
        for host in ["10.0.0.1", "172.16.0.1", "192.168.0.1", "100.64.0.1", "fd00::1", "::1", "93.184.216.34"] {
            #expect(try #require(IPAddress(host)).reach != .never, "\(host)")
        }
    }

    @Test func `that is not there is named, and how`() throws {
        let listener = try Listener()
        let port = listener.port
        listener.close()
        let refused = failure {
            _ = try RelayChannel(
                RelayTarget(at: .tcp(host: "127.0.0.1", port: port), database: "d", user: "u"),
                clock: Context.system.monotonic)
        }
        #expect(refused?.detail == "relay.unreachable")
        #expect(refused?.code == .transientError)
        #expect(refused?.message.contains("port \(port) cannot be reached: Connection refused") == true)
        let nameless = failure {
            _ = try RelayChannel(
                RelayTarget(at: .tcp(host: "db.example", port: 1), database: "d", user: "u"),
                resolver: CountingResolver([]), clock: Context.system.monotonic)
        }
        #expect(nameless?.message == "The host db.example has no address.")
        for folder in ["/nowhere", "/" + String(repeating: "x", count: 200)] {
            let error = failure {
                _ = try RelayChannel(
                    RelayTarget(at: .unix(folder: folder, port: 5432), database: "d", user: "u"),
                    clock: Context.system.monotonic)
            }
            #expect(error?.detail == "relay.unreachable", "\(folder)")
        }
    }

    @Test func `that does not answer is given up in time`() throws {
        // A queue of one that is full: the kernel lets further handshakes hang.
        let listener = try Listener(queue: 0)
        var waiting: [Int32] = []
        defer { for number in waiting { close(number) } }
        for _ in 0..<4 { waiting.append(listener.connectWithoutWaiting()) }
        var target = RelayTarget(at: .tcp(host: "127.0.0.1", port: listener.port), database: "d", user: "u")
        target.connectSeconds = 0.2
        let error = failure { _ = try RelayChannel(target, clock: Context.system.monotonic) }
        #expect(error?.detail == "relay.timeout", "\(error?.message ?? "")")
        #expect(error?.code == .timeout)
    }
}

extension `Processes` {
    @Suite(.serialized, .enabled(if: Workshop.realRunner != nil, Workshop.noRunner))
    struct `A relay` {
        @Test func `is not handed out where nothing keeps it from being led elsewhere`() throws {
            let workshop = try Workshop()
            let sources = Workshop.repository + "/Host/Runner"
            let runner = workshop.folder + "/layered"
            try run(
                "gcc -std=c11 -O1 -DSLUICE_TEST_LAYERS -fvisibility=hidden -rdynamic -I\(sources)/include "
                    + "-I\(sources) -I\(Workshop.repository)/SDK/include \(sources)/*.c \(sources)/Main/*.c "
                    + "-o \(runner) -lseccomp -ldl -lpthread")
            _ = try workshop.plugin("bad_batch", kind: .connector)
            let plugin = try workshop.install(
                "bad_batch", id: "fixture.bad_batch", kind: .connector, wall: 5, companions: [],
                relay: ["protocols": ["postgres"]])
            let listener = try Listener()
            let target = RelayTarget(at: .tcp(host: "127.0.0.1", port: listener.port), database: "d", user: "u")
            workshop.settings.isolationMinimum = []
            for (layers, isHandedOut) in [("rlimits,unprivileged", false), ("seccomp", true), ("landlock", false)] {
                let script = workshop.folder + "/" + layers
                try Files.writeAtomically(
                    Array("#!/bin/sh\nexec \(runner) --layers=\(layers) \"$@\"\n".utf8), to: script, mode: 0o755)
                workshop.settings.runnerPath = script
                guard !isHandedOut else {
                    let session = try ConnectorSession(
                        plugin, streams: [], relay: target, settings: workshop.settings,
                        permit: permit(.readSourceMetadata))
                    #expect(try session.inventory() == ["good"], "\(layers)")
                    continue
                }
                let error = failure {
                    _ = try ConnectorSession(
                        plugin, streams: [], relay: target, settings: workshop.settings,
                        permit: permit(.readSourceMetadata))
                }
                #expect(error?.detail == "plugin.isolation")
                #expect(error?.message.hasPrefix("seccomp is not in force") == true)
            }
        }
    }
}

/// A TCP port of 127.0.0.1 at which nobody takes connections.
private final class Listener {
    let port: Int
    private var number: Int32

    init(queue: Int32 = 8) throws {
        number = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        let address = SocketAddress(try #require(IPAddress("127.0.0.1")), port: 0)
        let descriptor = number
        try #require(address.withPointer { bind(descriptor, $0, $1) } == 0)
        try #require(listen(number, queue) == 0)
        var bound = sockaddr_in()
        var size = socklen_t(MemoryLayout<sockaddr_in>.size)
        _ = withUnsafeMutablePointer(to: &bound) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &size) }
        }
        port = Int(UInt16(bigEndian: bound.sin_port))
    }

    deinit { close() }

    func close() {
        if number >= 0 { Glibc.close(number) }
        number = -1
    }

    func connectWithoutWaiting() -> Int32 {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let made = socket(AF_INET, type, 0)
        guard let loopback = IPAddress("127.0.0.1") else { return made }
        _ = SocketAddress(loopback, port: UInt16(port)).withPointer { connect(made, $0, $1) }
        return made
    }
}
