public import Foundations
internal import Glibc

/// Turns a host's name into addresses. Called once for each connection; may wait; any thread.
public protocol HostResolver: Sendable {
    /// - Throws: `egress.unreachable` when there is no such host, or nobody answers.
    func addresses(of host: String) throws(SluiceError) -> [IPAddress]
}

/// The machine's own resolver (getaddrinfo).
public struct SystemResolver: HostResolver {
    public init() {}

    public func addresses(of host: String) throws(SluiceError) -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let status = getaddrinfo(host, nil, &hints, &list)
        guard status == 0 else {
            throw SluiceError(
                .egressUnreachable, "The host \(host) has no address: \(String(cString: gai_strerror(status))).")
        }
        defer { freeaddrinfo(list) }
        var found: [IPAddress] = []
        var entry = list
        while let info = entry?.pointee {
            if let socketAddress = info.ai_addr, let address = IPAddress(UnsafePointer(socketAddress)),
                !found.contains(address)
            {
                found.append(address)
            }
            entry = info.ai_next
        }
        return found
    }
}
