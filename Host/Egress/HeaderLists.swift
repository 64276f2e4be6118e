internal import CCurl
internal import Glibc

/// The lists that libcurl reads while a transfer runs. Their memory is ours: a secret's line is never copied into it.
final class HeaderLists {
    private var nodes: [UnsafeMutablePointer<curl_slist>] = []
    private var texts: [UnsafeMutablePointer<CChar>] = []
    private var secret: LockedBytes?

    func make(_ lines: [String], secret: LockedBytes? = nil) -> UnsafeMutablePointer<curl_slist>? {
        self.secret = secret ?? self.secret
        var first: UnsafeMutablePointer<curl_slist>?
        if let base = secret?.base { first = node(base.assumingMemoryBound(to: CChar.self), before: nil) }
        for line in lines.reversed() {
            guard let text = strdup(line) else { continue }
            texts.append(text)
            first = node(text, before: first)
        }
        return first
    }

    private func node(
        _ text: UnsafeMutablePointer<CChar>, before next: UnsafeMutablePointer<curl_slist>?
    ) -> UnsafeMutablePointer<curl_slist> {
        let node = UnsafeMutablePointer<curl_slist>.allocate(capacity: 1)
        node.initialize(to: curl_slist(data: text, next: next))
        nodes.append(node)
        return node
    }

    deinit {
        for text in texts { free(text) }
        for node in nodes { node.deallocate() }
    }
}
