internal import Egress
internal import Foundations
internal import Glibc

/// A connection to a connector's database that stands, and what the plugin is told of it.
struct RelayChannel {
    /// Blocks; the runner inherits it. The host reads and writes nothing on it.
    let connection: Descriptor
    /// The member `relay` of the configuration that `create` gets.
    let configuration: JSON
    /// A file that the plugin may open by its path: the authorities of its server's certificate.
    let readable: String?
    private let hidden: SecretRedaction?
    /// How what goes through it is protected, as a run's summary says it: `off`, `unverified` or `verified`.
    let protection: String

    /// What the host keeps when the runner has the connection. Its own copy is closed by then: the server must see the
    /// runner's end when that comes.
    struct Handed {
        fileprivate let configuration: JSON
        fileprivate let hidden: SecretRedaction?
        let protection: String

        /// The configuration of a connector, with what it is told of its database.
        func added(to other: JSON) -> JSON {
            var members = other.objectValue ?? [:]
            members["relay"] = configuration
            return .object(members)
        }

        /// Text of the plugin's without the password that it was told, in any common spelling.
        func hide(_ text: String) -> String { hidden?.clean(text).text ?? text }

        /// As `Redaction.line`, without the password. What the line leaves out may have parted it.
        func line(_ text: String) -> String { hide(Redaction.line(hide(text))) }
    }

    /// Resolves the server's name, once, and connects to the first of its addresses that answers.
    ///
    /// - Throws: `relay.unreachable`, `relay.address` for a name that leads nowhere but where no database is, or `relay.timeout` when no connection stands within the target's seconds. The
    ///   machine's resolver has time limits of its own.
    init(
        _ target: RelayTarget, resolver: any HostResolver = SystemResolver(), clock: @Sendable () -> UInt64
    ) throws(SluiceError) {
        if case .verified(let authorities) = target.encryption {
            guard authorities.hasPrefix("/"), access(authorities, R_OK) == 0, !Files.isDirectory(authorities) else {
                throw SluiceError(
                    .relayUnreachable, "The certificates of \(authorities) cannot be read.",
                    hint: "Name the absolute path of a PEM file that every user may read.")
            }
        }
        let deadline = clock() &+ UInt64(min(max(target.connectSeconds, 0), 86_400) * 1e9)
        var members: [String: JSON] = [
            "protocol": .string(target.protocol.rawValue), "database": .string(target.database),
            "user": .string(target.user),
        ]
        if let password = target.password { members["password"] = .string(password) }
        switch target.place {
        case .unix(let folder, let port):
            let path = folder + "/.s.PGSQL.\(port)"
            guard let address = SocketAddress(path: path) else {
                throw SluiceError(
                    .relayUnreachable, "The path \(path) is too long for a socket.",
                    hint: "Use a shorter path to the server's folder, for example by a symbolic link.")
            }
            connection = try Self.connect(to: address, name: path, deadline: deadline, clock: clock)
            members["host"] = .string(folder)
            members["port"] = JSON(port)
        case .tcp(let host, let port):
            let found = try Self.connect(host, port, resolver, deadline: deadline, clock: clock)
            connection = found.connection
            Self.keepAlive(connection)
            members["host"] = .string(host)
            members["hostaddr"] = .string(found.address.description)
            members["port"] = JSON(port)
        }
        switch target.encryption {
        case .none:
            members["tls"] = "disable"
            readable = nil
        case .required:
            // libpq does not speak TLS over a UNIX socket, and refuses to when it is told to.
            if case .unix = target.place { members["tls"] = "disable" } else { members["tls"] = "require" }
            readable = nil
        case .verified(let authorities):
            members["tls"] = "verify-full"
            members["certificates"] = .string(authorities)
            readable = authorities
        }
        configuration = .object(members)
        hidden = try Self.hidden(target.password)
        protection =
            switch members["tls"] {
            case "require": "unverified"
            case "verify-full": "verified"
            default: "off"
            }
    }

    private static func hidden(_ password: String?) throws(SluiceError) -> SecretRedaction? {
        guard let password, !password.isEmpty else { return nil }
        guard let hidden = SecretRedaction(password) else {
            throw SluiceError(
                .relayDenied, "The password is longer than 1 MiB.", hint: "Name the one that the server knows.")
        }
        return hidden
    }

    var handed: Handed { Handed(configuration: configuration, hidden: hidden, protection: protection) }

    private static func connect(
        _ host: String, _ port: Int, _ resolver: any HostResolver, deadline: UInt64, clock: @Sendable () -> UInt64
    ) throws(SluiceError) -> (connection: Descriptor, address: IPAddress) {
        let addresses: [IPAddress]
        if let address = IPAddress(host) {
            addresses = [address]
        } else {
            do { addresses = try resolver.addresses(of: host) } catch {
                throw SluiceError(.relayUnreachable, error.message)
            }
        }
        // Databases are often in a private network, and on this machine. What is refused is where no server of anybody's
        // is, and where clouds keep the credentials of their machines.
        let allowed = addresses.filter { $0.reach != .never }
        if allowed.isEmpty, let address = addresses.first {
            throw SluiceError(
                .relayAddress,
                "The host \(host) has the address \(address), which is link-local or reserved: no database is there. "
                    + "Nothing was sent.")
        }
        var failure = SluiceError(.relayUnreachable, "The host \(host) has no address.")
        for (place, address) in allowed.enumerated() {
            // One that swallows what is sent to it must not use up the time of the others.
            let now = clock()
            let share = (deadline > now ? deadline - now : 0) / UInt64(allowed.count - place)
            let name = "\(host), address \(address), port \(port)"
            do throws(SluiceError) {
                let place = SocketAddress(address, port: UInt16(clamping: port))
                return (try connect(to: place, name: name, deadline: now &+ share, clock: clock), address)
            } catch { failure = error }
        }
        throw failure
    }

    private static func connect(
        to address: SocketAddress, name: String, deadline: UInt64, clock: @Sendable () -> UInt64
    ) throws(SluiceError) -> Descriptor {
        let type = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let number = socket(address.family, type, 0)
        guard number >= 0 else { throw SystemFailure.error("socket") }
        let made = Descriptor(owning: number)
        if address.withPointer({ Glibc.connect(number, $0, $1) }) != 0 {
            // EAGAIN is a UNIX socket whose queue is full: it does not wait as TCP does.
            guard errno == EINPROGRESS else { throw unreachable(name, errno) }
            var entry = pollfd(fd: number, events: Int16(POLLOUT), revents: 0)
            while true {
                let now = clock()
                let left = now < deadline ? (deadline - now) / 1_000_000 : 0
                let ready = poll(&entry, 1, Int32(clamping: left))
                if ready > 0 { break }
                if ready < 0, errno != EINTR { throw unreachable(name, errno) }
                guard ready == 0, clock() >= deadline || left == 0 else { continue }
                throw SluiceError(.relayTimeout, "The server \(name) did not take a connection in time.")
            }
            var status: Int32 = 0
            var size = socklen_t(MemoryLayout<Int32>.size)
            guard getsockopt(number, SOL_SOCKET, SO_ERROR, &status, &size) == 0 else { throw unreachable(name, errno) }
            guard status == 0 else { throw unreachable(name, status) }
        }
        guard fcntl(number, F_SETFL, O_RDWR) == 0 else { throw SystemFailure.error("fcntl F_SETFL") }
        return made
    }

    private static func unreachable(_ name: String, _ number: Int32) -> SluiceError {
        SluiceError(
            .relayUnreachable, "The server \(name) cannot be reached: \(String(cString: strerror(number))).")
    }

    /// What a library would set itself, where it has a socket of its own: small statements go at once, and a server that
    /// vanished without a word is noticed within two minutes.
    private static func keepAlive(_ connection: Descriptor) {
        let options: [(level: Int32, name: Int32, value: Int32)] = [
            (Int32(IPPROTO_TCP), TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1), (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 60),
            (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 10), (Int32(IPPROTO_TCP), TCP_KEEPCNT, 6),
        ]
        for option in options {
            var value = option.value
            setsockopt(connection.number, option.level, option.name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }
}

/// An address as the socket calls take it.
struct SocketAddress {
    private var storage = sockaddr_storage()
    private let size: Int

    var family: Int32 { Int32(storage.ss_family) }

    /// Nil when the path is longer than a socket's may be.
    init?(path: String) {
        let bytes = Array(path.utf8) + [0]
        guard bytes.count <= MemoryLayout.size(ofValue: sockaddr_un().sun_path), !path.utf8.contains(0) else {
            return nil
        }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        size = MemoryLayout<sockaddr_un>.size
        Self.store(address, in: &storage)
    }

    init(_ address: IPAddress, port: UInt16) {
        if address.bytes.count == 4 {
            var place = sockaddr_in()
            place.sin_family = sa_family_t(AF_INET)
            place.sin_port = port.bigEndian
            withUnsafeMutableBytes(of: &place.sin_addr) { $0.copyBytes(from: address.bytes) }
            size = MemoryLayout<sockaddr_in>.size
            Self.store(place, in: &storage)
        } else {
            var place = sockaddr_in6()
            place.sin6_family = sa_family_t(AF_INET6)
            place.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &place.sin6_addr) { $0.copyBytes(from: address.bytes) }
            size = MemoryLayout<sockaddr_in6>.size
            Self.store(place, in: &storage)
        }
    }

    private static func store<T>(_ value: T, in storage: inout sockaddr_storage) {
        withUnsafeBytes(of: value) { source in
            withUnsafeMutableBytes(of: &storage) { $0.copyMemory(from: source) }
        }
    }

    func withPointer<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        withUnsafePointer(to: storage) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(size)) }
        }
    }
}
