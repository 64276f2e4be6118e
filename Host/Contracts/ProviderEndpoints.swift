internal import Foundations

/// Where a home points an endpoint of a provider: an origin, and what the paths there begin with.
///
/// Source: docs/egress.md, `providers.endpoints` of the Policy Manifest.
public struct EndpointAddress: Sendable, Equatable, CustomStringConvertible {
    public let origin: Origin
    /// `/` or whole segments without a slash behind them, such as `/v1`; nil: what the plugin's manifest says.
    public let path: String?

    /// `http://127.0.0.1:8080/v1`, perhaps without a path; nil for anything else: no user, query or fragment.
    public init?(_ text: String) {
        guard text.utf8.count <= 1024, let mark = text.firstRange(of: "://") else { return nil }
        let end = text[mark.upperBound...].firstIndex(of: "/") ?? text.endIndex
        guard let origin = Origin(String(text[..<end])) else { return nil }
        self.origin = origin
        guard end < text.endIndex else {
            path = nil
            return
        }
        var path = String(text[end...])
        if path != "/", path.hasSuffix("/") { path.removeLast() }
        guard Self.isPath(path) else { return nil }
        self.path = path
    }

    public var description: String { origin.description + (path ?? "") }

    /// Plain segments: nothing that two readers could read in two ways.
    private static func isPath(_ path: String) -> Bool {
        let alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/:@!$&'()*+,=".utf8
        return path.utf8.count <= 512 && path.utf8.allSatisfy { alphabet.contains($0) } && !path.contains("//")
            && !path.split(separator: "/").contains { $0 == "." || $0 == ".." }
    }
}

/// The endpoints that a home points elsewhere: plugin id → name of the endpoint → address.
enum ProviderEndpoints {
    /// Reads `providers.endpoints`; every mistake goes to the reader's list.
    ///
    /// - Parameter egress: which hosts are local: plain http is for these alone.
    static func read(_ reader: JSONReader?, egress: EgressRules) -> [String: [String: EndpointAddress]] {
        guard let reader else { return [:] }
        var found: [String: [String: EndpointAddress]] = [:]
        for name in reader.keys {
            guard let list = reader.object(name) else { continue }
            guard ProviderName.isKnown(name) else {
                reader.mistake(
                    name, "is no provider: \(ProviderName.tags.sorted().joined(separator: ", ")), or the id of a plugin"
                )
                continue
            }
            guard found[ProviderName.plugin(name)] == nil else {
                reader.mistake(name, "stands there under its other name, too")
                continue
            }
            var addresses: [String: EndpointAddress] = [:]
            for endpoint in list.keys {
                guard let text = list.text(endpoint) else { continue }
                guard let address = EndpointAddress(text) else {
                    list.mistake(endpoint, "a URL such as http://127.0.0.1:8080/v1 is expected, without a query")
                    continue
                }
                if address.origin.scheme == .http, !egress.local.contains(address.origin.host) {
                    list.mistake(
                        endpoint, "\(address.origin) is plain http: that is for hosts that /egress/local names")
                }
                addresses[endpoint] = address
            }
            found[ProviderName.plugin(name)] = addresses
        }
        return found
    }
}
