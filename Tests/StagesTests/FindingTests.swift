import Testing

@testable import Stages

@Suite struct `The value of a finding` {
    @Test(
        arguments: [
            (0.1234567, 0.123457), (-0.1234567, -0.123457), (0, 0), (2, 2), (1e15, 1e15), (-1e300, -1e300),
            (1.8e302, 1.8e302), (.greatestFiniteMagnitude, .greatestFiniteMagnitude),
        ] as [(Double, Double)])
    func `is shown to six places and stays finite`(_ value: Double, _ shown: Double) {
        #expect(Finding.shown(value) == shown)
    }
}
