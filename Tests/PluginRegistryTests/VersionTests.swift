import Testing

@testable import PluginRegistry

@Suite struct `Versions of plugins` {
    @Test func `stand in the order of SemVer`() {
        let order = [
            "0.9.9", "1.0.0-alpha", "1.0.0-alpha.1", "1.0.0-alpha.beta", "1.0.0-beta", "1.0.0-beta.2", "1.0.0-beta.11",
            "1.0.0-rc.1", "1.0.0", "1.0.1", "1.2.0", "1.10.0", "2.0.0",
        ]
        for (place, earlier) in order.enumerated() {
            let isLessThanItself = PluginVersion(earlier) < PluginVersion(earlier)
            #expect(!isLessThanItself)
            for later in order[(place + 1)...] {
                let (up, down) = (
                    PluginVersion(earlier) < PluginVersion(later), PluginVersion(later) < PluginVersion(earlier)
                )
                #expect(up && !down, "\(earlier) \(later)")
            }
        }
    }
}
