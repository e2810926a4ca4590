/** What the demo asks for: one object in each photograph, as a user would point at it. */
export const demoPrompts = [
  { name: "cat", photo: "chelsea.png", said: "a click on the cat", prompt: [{ x: 200, y: 180 }] },
  { name: "cup", photo: "coffee.png", said: "a click on the cup", prompt: [{ x: 360, y: 100 }] },
  {
    name: "cup-inside",
    photo: "coffee.png",
    said: "a box around the inside of the cup",
    prompt: { box: { x0: 172, y0: 15, x1: 410, y1: 208 } },
  },
  {
    name: "astronaut",
    photo: "astronaut.png",
    said: "a box around the person",
    prompt: { box: { x0: 20, y0: 12, x1: 368, y1: 511 } },
  },
  {
    name: "rocket",
    photo: "rocket.jpg",
    said: "a box around the rocket",
    prompt: { box: { x0: 285, y0: 125, x1: 360, y1: 410 } },
  },
  {
    name: "coin",
    photo: "coins.png",
    said: "a box around one coin",
    prompt: { box: { x0: 302, y0: 12, x1: 368, y1: 74 } },
  },
];
