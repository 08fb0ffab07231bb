//! Colours of the theme, by the place of what has them.

/// Colours that the style sheet has for series; more begin anew.
pub const TONES: usize = 10;

/// The custom property of a series' colour.
#[must_use]
pub fn tone(place: usize) -> String {
    format!("var(--_series-{})", place % TONES + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STYLE: &str = include_str!("../../../style/inlay.css");

    type Light = [f64; 3];

    /// How somebody sees who lacks one kind of cones, for linear light.
    /// <https://doi.org/10.1109/TVCG.2009.113>
    const EYES: [[Light; 3]; 4] = [
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        [[0.152_286, 1.052_583, -0.204_868], [0.114_503, 0.786_281, 0.099_216], [-0.003_882, -0.048_116, 1.051_998]],
        [[0.367_322, 0.860_646, -0.227_968], [0.280_085, 0.672_501, 0.047_413], [-0.011_820, 0.042_940, 0.968_881]],
        [[1.255_528, -0.076_749, -0.178_779], [-0.078_411, 0.930_809, 0.147_602], [0.004_733, 0.691_367, 0.303_900]],
    ];

    /// A property's colours on light and on dark ground.
    fn colours(property: &str) -> [Light; 2] {
        let line = STYLE.lines().find(|line| line.trim_start().starts_with(&format!("{property}: "))).expect("a colour");
        let (_, pair) = line.split_once("light-dark(").expect("one for each ground");
        let mut hex = pair.split('#').skip(1).map(|rest| u32::from_str_radix(&rest[..6], 16).expect("a colour"));
        [hex.next(), hex.next()].map(|rgb| {
            let rgb = rgb.expect("two colours");
            [16, 8, 0].map(|shift| {
                let part = f64::from(rgb >> shift & 255) / 255.0;
                if part <= 0.040_45 { part / 12.92 } else { ((part + 0.055) / 1.055).powf(2.4) }
            })
        })
    }

    fn times(rows: &[Light; 3], light: Light) -> Light {
        rows.map(|row| row.iter().zip(light).map(|(a, b)| a * b).sum())
    }

    /// Oklab, where what looks as different is as far apart. <https://bottosson.github.io/posts/oklab/>
    fn look(light: Light) -> Light {
        let cones = [
            [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
            [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
            [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
        ];
        let lab = [
            [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
            [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
            [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
        ];
        times(&lab, times(&cones, light.map(|part| part.clamp(0.0, 1.0))).map(f64::cbrt))
    }

    #[test]
    fn series_are_told_apart_by_every_eye_on_either_ground() {
        let series: Vec<[Light; 2]> = (1..=TONES).map(|i| colours(&format!("--_series-{i}"))).collect();
        let surface = colours("--_surface");
        for ground in 0..2 {
            let luminance = |light: Light| light.iter().zip([0.2126, 0.7152, 0.0722]).map(|(a, b)| a * b).sum::<f64>() + 0.05;
            for (i, one) in series.iter().enumerate() {
                let (a, b) = (luminance(one[ground]), luminance(surface[ground]));
                assert!(a.max(b) / a.min(b) >= 3.0, "series {} on ground {ground} (WCAG 1.4.11)", i + 1);
                for (j, other) in series.iter().enumerate().take(i) {
                    for (eye, rows) in EYES.iter().enumerate() {
                        let [a, b] = [one, other].map(|pair| look(times(rows, pair[ground])));
                        let far = a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt();
                        assert!(far >= 0.06, "series {} and {} on ground {ground} for eye {eye}: {far:.3}", j + 1, i + 1);
                    }
                }
            }
        }
    }
}
