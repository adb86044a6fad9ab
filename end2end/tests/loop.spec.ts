// The whole loop on an installation without content: people alone, through plain pages, set up the administrator,
// write and sell a course with a quiz, publish and run a competition for a fee, and hold certificates for both.
import { type Person, expect, test } from '../support/test.ts';
import { logIn, register, setUp } from '../support/people.ts';

test.describe.configure({ mode: 'serial', timeout: 600_000 });

const course = { slug: 'reading-a-matrix', en: 'Reading a confusion matrix', zh: '读懂混淆矩阵' };
const lesson = { en: 'Four numbers', zh: '四个数' };
const quiz = { en: 'Check yourself', zh: '自测' };
const stage = { slug: 'two-classes', en: 'Two classes', zh: '二分类赛' };
const title = (person: Person, of: { en: string; zh: string }) => of[person.combination.language];

test('author: an expert writes a course with a quiz, prices it and publishes it', async ({ newcomer }) => {
  const admin = await newcomer();
  await setUp(admin, 'xuanzang');
  const author = await newcomer();
  await register(author, 'wuchengen');
  await admin.open('/admin?search=wuchengen');
  await admin.press(admin.say('accounts.give_expert'));
  await expect(admin.page.getByRole('button', { name: admin.say('accounts.take_expert') })).toBeVisible();

  const { page, say } = author;
  await author.open('/teach');
  await author.fill(say('courses.title_en'), course.en);
  await author.fill(say('courses.title_zh'), course.zh);
  await author.press(say('courses.create'));
  await author.heading(title(author, course));
  await author.look();
  const desk = page.url();

  const chapters = page.getByRole('region', { name: say('courses.chapters') });
  await chapters.getByLabel(say('courses.title_en')).last().fill('Counting');
  await chapters.getByLabel(say('courses.title_zh')).last().fill('计数');
  await chapters.getByRole('button', { name: say('courses.add'), exact: true }).last().click();
  await addLesson(author, lesson, 'document');
  await author.fill(say('courses.body_en'), '# Four numbers\n\nHits, misses, false alarms, quiet. Precision is $p/(p+f)$.');
  await author.fill(say('courses.body_zh'), '# 四个数\n\n命中、漏报、误报、正确沉默。');
  await author.fill(say('courses.minutes_label'), '5');
  await page.getByLabel(say('courses.preview_flag')).check();
  await author.press(say('courses.save'));
  await author.ready();

  await page.goto(desk);
  await addLesson(author, quiz, 'quiz');
  await author.fill(say('courses.quiz_intro_en'), 'One question.');
  await author.fill(say('courses.quiz_intro_zh'), '一道题。');
  await author.fill(say('courses.minutes_label'), '2');
  await author.press(say('courses.save'));
  await author.ready();
  await author.follow(say('courses.add_single'));
  await author.fill(say('courses.prompt_en'), 'What is a false alarm?');
  await author.fill(say('courses.prompt_zh'), '什么是误报？');
  await option(author, 1, 'Said yes, was no', '说有，其实没有');
  await option(author, 2, 'Said no, was yes', '说没有，其实有');
  await page.getByLabel(`${say('courses.option', 1)}: ${say('courses.option_right')}`).check();
  await author.press(say('courses.save'));
  await expect(page.getByText(author.combination.language === 'en' ? 'What is a false alarm?' : '什么是误报？').first()).toBeVisible();
  await author.look();

  await page.goto(desk);
  await author.ready();
  const about = page.getByRole('region', { name: say('courses.course_text') });
  await about.getByLabel(say('courses.summary_en')).fill('What the four numbers say.');
  await about.getByLabel(say('courses.summary_zh')).fill('四个数说明什么。');
  await about.getByLabel(say('courses.goals_en')).fill('Name the four numbers');
  await about.getByLabel(say('courses.goals_zh')).fill('说出四个数');
  await about.getByLabel(say('courses.category')).selectOption({ index: 1 });
  await about.getByLabel(say('courses.price'), { exact: true }).fill('39');
  await about.getByLabel(say('courses.slug')).fill(course.slug);
  await about.getByRole('button', { name: say('courses.save') }).click();
  await expect(page.getByText(say('courses.publish_ready'))).toBeVisible();
  await author.ready();
  await author.press(say('courses.publish'));
  await expect(page.getByText(say('courses.state_published')).first()).toBeVisible();
});

test('learner: reads the free lesson, buys the course, passes its quiz, holds the certificate', async ({ newcomer }) => {
  const learner = await newcomer();
  const { page, say } = learner;
  await learner.open('/courses');
  await learner.follow(title(learner, course));
  await learner.heading(title(learner, course));
  await learner.follow(title(learner, lesson));
  await expect(page.getByText(say('courses.reading_preview'))).toBeVisible();

  await register(learner, 'sunwukong');
  await learner.open(`/courses/${course.slug}`);
  await learner.pressLike('courses.buy');
  await pay(learner);
  await learner.follow(say('orders.open_thing'));
  await learner.page.getByRole('link', { name: say('courses.start'), exact: true }).click();
  await learner.heading(title(learner, lesson));
  await learner.ready();
  await learner.fill(say('courses.note_body'), 'Precision divides by what I said.');
  await learner.press(say('courses.note_add'));
  await expect(page.getByText('Precision divides by what I said.').first()).toBeVisible();
  await learner.ready();
  await learner.press(say('courses.finish'));
  await learner.heading(title(learner, quiz));
  await learner.ready();
  await learner.press(say('courses.quiz_begin'));
  await learner.ready();
  await page.getByLabel(learner.combination.language === 'en' ? 'Said yes, was no' : '说有，其实没有').check();
  await learner.press(say('courses.quiz_hand_in'));
  await expect(page.getByText(say('courses.quiz_passed'), { exact: true })).toBeVisible();
  await learner.look();
  await learner.open(`/courses/${course.slug}`);
  await learner.finds(page.getByRole('link', { name: say('courses.certificate') }));
  await learner.ready();
  await learner.follow(say('courses.certificate'));
  await expect(page.getByText(say('rewards.genuine'))).toBeVisible();
});

test('organiser: designs a competition for a fee, uploads truth and data, publishes it', async ({ newcomer, guard }) => {
  const organiser = await newcomer();
  const { page, say } = organiser;
  guard.expects(422);
  await logIn(organiser, 'wuchengen');
  await organiser.open('/organise/new');
  const fields: [string, string][] = [
    ['title_en', stage.en],
    ['title_zh', stage.zh],
    ['slug', stage.slug],
    ['rules_en', 'Predict `1` or `0` for each id.'],
    ['rules_zh', '为每个 id 预测 `1` 或 `0`。'],
    ['registration_opens', local(organiser, -120)],
    ['registration_closes', local(organiser, 60)],
    ['starts_at', local(organiser, -60)],
    ['ends_at', local(organiser, 120)],
    ['fee_label', '9.90'],
  ];
  for (const [key, value] of fields) await organiser.fill(say(`competitions.${key}`), value);
  await organiser.press(say('competitions.create'));
  await organiser.heading(title(organiser, stage));
  await organiser.look();
  await upload(organiser, 'truth', 'truth.csv', csv('target', truth), 'competitions.truth_upload');
  await expect(page.getByText(say('competitions.truth_there', truth.length))).toBeVisible();
  await upload(organiser, 'data', 'test.csv', `id\n${truth.map((_, id) => id).join('\n')}\n`, 'competitions.data_upload');
  await expect(page.getByText('test.csv').first()).toBeVisible();
  await organiser.ready();
  await organiser.press(say('competitions.publish'));
  await organiser.ready();
  await organiser.open(`/competitions/${stage.slug}`);
  await organiser.heading(title(organiser, stage));
});

test('competitor and viewer: pays the fee, submits, and the board moves before the eyes of another', async ({ newcomer, guard }) => {
  guard.expects(422);
  const competitor = await newcomer();
  const { page, say } = competitor;
  await register(competitor, 'zhubajie');
  await competitor.open('/competitions');
  await competitor.follow(title(competitor, stage));
  await competitor.pressLike('competitions.enter_fee');
  await pay(competitor);
  await competitor.open(`/competitions/${stage.slug}`);
  await expect(page.getByText(say('competitions.approved'))).toBeVisible();

  const viewer = await newcomer();
  await viewer.open(`/competitions/${stage.slug}/board`);

  await competitor.open(`/competitions/${stage.slug}/submissions`);
  const broken = csv('prediction', truth).replace('\n3,', '\n2,');
  await upload(competitor, 'file', 'broken.csv', broken, 'judging.send');
  await expect(page.getByText(say('judging.fault.csv_duplicate_id', 5, 2, 4))).toBeVisible();
  await competitor.look();
  await upload(competitor, 'file', 'good.csv', csv('prediction', truth), 'judging.send');
  await competitor.sees(page.getByText(say('judging.verdict_ac')));
  await competitor.look();

  const score = viewer.page.getByRole('main').getByText('1.0000');
  await viewer.sees(score);
  await expect(viewer.page.getByText('zhubajie').first()).toBeVisible();
  await viewer.look();
});

test('organiser: closes and finalises, and anybody can check the certificate', async ({ newcomer }) => {
  const organiser = await newcomer();
  const { page, say } = organiser;
  await logIn(organiser, 'wuchengen');
  await organiser.open(`/organise/${stage.slug}`);
  await organiser.press(say('competitions.end_now'));
  await organiser.sees(page.getByRole('button', { name: say('competitions.finalise') }));
  await organiser.ready();
  await organiser.press(say('competitions.finalise'));
  await expect(page.getByText(say('competitions.results')).first()).toBeVisible();

  const viewer = await newcomer();
  await viewer.open('/people/zhubajie');
  const shelf = viewer.page.getByRole('main').getByRole('link', { name: new RegExp(title(viewer, stage)) });
  await viewer.finds(shelf);
  await shelf.first().click();
  await viewer.page.waitForURL(/\/certificates\//);
  await viewer.look();
  const code = viewer.page.url().split('/').pop()!;
  await viewer.open('/certificates');
  await viewer.fill(say('rewards.code'), code);
  await viewer.press(say('rewards.check'));
  await expect(viewer.page.getByText(say('rewards.genuine'))).toBeVisible();
  organiser.server.command('audit');
});

/** Sixty rows of two classes. */
const truth = Array.from({ length: 60 }, (_, id) => Number((id * 7) % 5 < 2));

function csv(column: string, values: number[]): string {
  return `id,${column}\n${values.map((value, id) => `${id},${value}`).join('\n')}\n`;
}

/** Some minutes from now, as the form asks for it: in the zone that it offers first. */
function local(person: Person, minutes: number): string {
  const zone = person.combination.language === 'zh' ? 480 : 0;
  return new Date(Date.now() + (minutes + zone) * 60_000).toISOString().slice(0, 16);
}

async function addLesson(author: Person, of: { en: string; zh: string }, kind: string): Promise<void> {
  const { page, say } = author;
  await author.ready();
  await page.getByText(say('courses.new_lesson'), { exact: true }).first().click();
  const form = page.getByRole('region', { name: say('courses.chapters') }).locator('details[open] form');
  await form.getByLabel(say('courses.title_en')).fill(of.en);
  await form.getByLabel(say('courses.title_zh')).fill(of.zh);
  await form.getByLabel(say('courses.kind')).selectOption(kind);
  await form.getByRole('button', { name: say('courses.add'), exact: true }).click();
  await author.heading(title(author, of));
  await author.look();
}

async function option(author: Person, number: number, en: string, zh: string): Promise<void> {
  const { say } = author;
  await author.fill(`${say('courses.option', number)}, ${say('courses.option_en')}`, en);
  await author.fill(`${say('courses.option', number)}, ${say('courses.option_zh')}`, zh);
}

/** From the order to the sandbox gateway and back. */
async function pay(person: Person): Promise<void> {
  const { page, say } = person;
  await expect(page.getByText(say('orders.is_held'))).toBeVisible();
  await person.look();
  await person.pressLike('orders.pay');
  await person.heading(say('payments.sandbox'));
  await person.look();
  await person.pressLike('payments.choose_paid');
  await person.sees(page.getByText(say('orders.is_paid')));
  await person.look();
}

async function upload(person: Person, field: string, name: string, text: string, button: string): Promise<void> {
  const { page, say } = person;
  await person.ready();
  await page.locator(`input[name=${field}]`).setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await person.press(say(button));
}
